// Reads what the local topics have that is new and hands it to the mapping, round after round.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceMapping } from './event-source-mapping.ts';
import type { LocalTopics } from './topics.ts';

/** Lambda's default batching window for Kafka. */
const BATCHING_WINDOW_MS = 500;
const RECORDS_A_ROUND = 1000;

/** Runs until the signal; the batch in hand is finished first. */
export async function poll(
  topics: LocalTopics,
  mapping: EventSourceMapping,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await deliverRound(topics, mapping, signal).catch((error: unknown) => {
      // Stopped while waiting to try again: the batch is not consumed and comes again next time.
      if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    });
    await sleep(BATCHING_WINDOW_MS, undefined, { signal }).catch(() => {});
  }
}

async function deliverRound(
  topics: LocalTopics,
  mapping: EventSourceMapping,
  signal: AbortSignal,
): Promise<void> {
  for (const log of topics.logs) {
    for (const record of log.read(topics.next(log), RECORDS_A_ROUND)) {
      if (signal.aborted) return;
      await mapping.push(record);
    }
  }
  await mapping.flush();
}
