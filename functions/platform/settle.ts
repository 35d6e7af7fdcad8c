import pMap from 'p-map';

/**
 * Waits for all, then throws if one failed: an invocation that answers while some of its writes are
 * still under way would leave them to a frozen process.
 * @throws {AggregateError} whose message holds each failure's.
 */
export async function allSettledOrThrow<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (reasons.length > 0) {
    const messages = new Set(reasons.flatMap(messagesOf));
    throw new AggregateError(reasons, [...messages].slice(0, 5).join('; '));
  }
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/**
 * Some at a time, and all of them, even if one fails.
 * @throws the failure itself where all are of one kind, else {AggregateError} with each one's message
 */
export async function mapAll<Value, Result>(
  values: Iterable<Value>,
  work: (value: Value) => Promise<Result>,
  concurrency: number,
): Promise<Result[]> {
  try {
    return await pMap(values, work, { concurrency, stopOnError: false });
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    const [first] = error.errors;
    const kinds = new Set(error.errors.map((one) => (one instanceof Error ? one.name : one)));
    if (kinds.size === 1) throw first;
    const messages = new Set(error.errors.flatMap(messagesOf));
    throw new AggregateError(error.errors, [...messages].slice(0, 5).join('; '));
  }
}

function messagesOf(reason: unknown): string[] {
  if (reason instanceof AggregateError) return reason.errors.flatMap(messagesOf);
  return [reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)];
}
