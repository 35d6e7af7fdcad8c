// The topics of a real cluster, each read for itself as Lambda's mappings do: one whose batches fail holds no other.
import type { EventSourceMapping } from './event-source-mapping.ts';
import { type KafkaSettings, KafkaSource } from './kafka-source.ts';
import { type Bounds, ReadBounds } from './read-bounds.ts';

export interface TopicsSettings extends Omit<KafkaSettings, 'topic'> {
  readonly topics: readonly string[];
}

/** The mapping of one topic; it commits to the source that it is given. */
export type MakeMapping = (source: KafkaSource, signal: AbortSignal) => EventSourceMapping;

/** Until the signal, a bound, or nothing comes any more; the batches in hand are finished first. */
export async function pumpTopics(
  { topics, ...settings }: TopicsSettings,
  bounds: Bounds,
  makeMapping: MakeMapping,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([bounds.signal, failed.signal]);
  const shared = new ReadBounds({ ...bounds, signal });
  const pumps = topics.map(async (topic) => {
    const source = await KafkaSource.join({ ...settings, topic });
    try {
      await source.pump(makeMapping(source, signal), shared);
    } finally {
      await source.leave();
    }
  });
  // One that is refused ends the others, too, between their batches.
  for (const pump of pumps) pump.catch(() => failed.abort());
  const ended = await Promise.allSettled(pumps);
  const failures = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const [failure] = failures.filter((reason) => !isStop(reason));
  if (failure) throw failure;
}

/** Stopped while waiting to try again: the batch is not committed and comes again next time. */
function isStop(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
