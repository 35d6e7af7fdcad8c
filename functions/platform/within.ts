export class LateError extends Error {
  override readonly name = 'LateError';
}

/**
 * The work, if it is done in time; it goes on otherwise, and nobody waits for it.
 * @param what does not answer: `The database`.
 * @throws {LateError}
 */
export async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new LateError(`${what} did not answer within ${milliseconds} ms.`));
  const timer = setTimeout(late, milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
