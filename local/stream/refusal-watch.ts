// Ends what a Kafka client is asked for with its first refusal.
import { isRefusal } from './kafka-failure.ts';

const RETRY_DELAY_MS = 1_000;

/**
 * A client tries again after a refusal as after a lost connection, without a word. With `retryDelay` among its
 * options, what it is asked for ends with its first refusal.
 */
export function watchRefusal() {
  let refusal: Error | undefined;
  const waiting = new Set<(error: Error) => void>();
  return {
    get refusal() {
      return refusal;
    },
    retryDelay(_client: object, _what: string, _try: number, _max: number, error: Error): number {
      if (isRefusal(error)) refusal ??= error;
      if (refusal) for (const end of waiting) end(refusal);
      return RETRY_DELAY_MS;
    },
    async unlessRefused<T>(work: Promise<T>): Promise<T> {
      const { promise, reject } = Promise.withResolvers<never>();
      waiting.add(reject);
      if (refusal) reject(refusal);
      try {
        return await Promise.race([work, promise]);
      } finally {
        waiting.delete(reject);
      }
    },
  };
}

export type RefusalWatch = ReturnType<typeof watchRefusal>;
