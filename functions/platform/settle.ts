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

function messagesOf(reason: unknown): string[] {
  if (reason instanceof AggregateError) return reason.errors.flatMap(messagesOf);
  return [reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)];
}
