// Reads what the local topics have that is new and hands it to their mappings, round after round. A topic whose
// batches fail holds no other.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceMapping } from './event-source-mapping.ts';
import { BATCH_RECORDS_MAX } from './msk-event.ts';
import type { LocalTopics } from './topics.ts';

/** Lambda's default batching window for Kafka. */
const BATCHING_WINDOW_MS = 500;
/** Held in memory at once, besides the batch in hand. */
const RECORDS_READ_MAX = 1_000;

/** Each topic for itself, until the signal; the batches in hand are finished first. */
export async function poll(
  topics: LocalTopics,
  makeMapping: () => EventSourceMapping,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(topics.names.map((topic) => pollTopic(topics, topic, makeMapping(), signal)));
}

async function pollTopic(
  topics: LocalTopics,
  topic: string,
  mapping: EventSourceMapping,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await deliverRound(topics, topic, mapping, signal).catch((error: unknown) => {
      // Stopped while waiting to try again: the batch is not consumed and comes again next time.
      if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    });
    await sleep(BATCHING_WINDOW_MS, undefined, { signal }).catch(() => {});
  }
}

async function deliverRound(
  topics: LocalTopics,
  topic: string,
  mapping: EventSourceMapping,
  signal: AbortSignal,
): Promise<void> {
  for (const log of topics.logsOf(topic)) {
    const first = topics.next(log);
    const end = first + BigInt(BATCH_RECORDS_MAX);
    for (let from = first; from < end && from < log.nextOffset; ) {
      for (const record of log.read(from, RECORDS_READ_MAX)) {
        if (signal.aborted) return;
        await mapping.push(record);
        from = record.offset + 1n;
      }
    }
  }
  await mapping.flush();
}
