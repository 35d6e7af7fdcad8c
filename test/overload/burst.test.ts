// I33, the burst: 50 times what comes otherwise, all at once. The backlog stays on the disk, batches stay as
// small as ever, and in the end everything was applied once.
import { expect, test } from 'vitest';
import { FunctionError } from '../../local/shared/function-error.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { poll } from '../../local/stream/poller.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { seeds } from '../support/random.ts';
import { fillTopics, makeInvoke, openTopics, reportsOf, undisturbed } from './order-stream.ts';

/** A minute of the sample shop, which sends five events a second. */
const STEADY_RECORDS = 300;
const BURST = 50 * STEADY_RECORDS;
const BATCH_SIZE = 100;
const FAILING = 'dbserver1.public.orders';
const RECORDS_IN_HAND_MAX = 1_000;

test.for(seeds(1))('a burst is applied whole, and never held in memory, seed %i', async (seed) => {
  const topics = await openTopics(temporaryDirectory());
  fillTopics(topics, BURST, seed);
  expect(topics.lag()).toBeGreaterThanOrEqual(BURST);
  const expected = new MemoryTable();
  await undisturbed(topics, expected);

  const table = new MemoryTable();
  const invoke = makeInvoke(table);
  const stop = new AbortController();
  const delays: number[] = [];
  let [failures, inHand, inHandMax, batchMax, applied] = [3, 0, 0, 0, 0];
  for (const log of topics.logs) {
    const read = log.read.bind(log);
    log.read = (from, recordsMax) => {
      const records = read(from, recordsMax);
      inHand += records.length;
      inHandMax = Math.max(inHandMax, inHand);
      return records;
    };
  }
  const makeMapping = () =>
    new EventSourceMapping({
      routes: routeTopics(OUTCOMES_TOPIC),
      batchSize: BATCH_SIZE,
      attemptsMax: Number.POSITIVE_INFINITY,
      onRetry: (_failure, delayMs) => void delays.push(delayMs),
      invoke: async (name, event) => {
        if (event.includes(`"${FAILING}-`) && failures-- > 0)
          throw new FunctionError({ name: 'Throttled', message: '', stack: '' });
        return invoke(name, event);
      },
      onDelivered: async ({ topic, lastOffsets, counts }) => {
        await topics.commit(topic, lastOffsets);
        [inHand, applied] = [inHand - counts.records, applied + counts.applied + counts.skipped];
        batchMax = Math.max(batchMax, counts.records);
        if (topics.lag() === 0) stop.abort();
      },
    });
  await poll(topics, makeMapping, stop.signal);

  expect(applied).toBeGreaterThanOrEqual(BURST);
  expect(batchMax).toBe(BATCH_SIZE);
  expect(inHandMax).toBeLessThanOrEqual(topics.logs.length * RECORDS_IN_HAND_MAX);
  expect(delays).toEqual([250, 500, 1_000]);
  expect(await reportsOf(table)).toEqual(await reportsOf(expected));
});
