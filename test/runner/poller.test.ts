// I13: positions move after success only, and a restart goes on from there.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FunctionError } from '../../local/shared/function-error.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { poll } from '../../local/stream/poller.ts';
import { Positions } from '../../local/stream/positions.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { LocalTopics } from '../../local/stream/topics.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TOPIC = 'dbserver1.public.orders';
const RECORDS = 25;

async function openTopics(folder: string): Promise<LocalTopics> {
  return new LocalTopics(folder, [TOPIC], await Positions.open(join(folder, 'positions.json')));
}

/** Polls until the function has been asked `calls` times; it fails at the calls that `fails` names. */
async function pollFor(topics: LocalTopics, calls: number, fails: (call: number) => boolean) {
  const stop = new AbortController();
  const handled: string[] = [];
  let call = 0;
  const mapping = new EventSourceMapping({
    routes: routeTopics(OUTCOMES_TOPIC),
    batchSize: 10,
    attemptsMax: Number.POSITIVE_INFINITY,
    signal: stop.signal,
    onRetry: () => {},
    onDelivered: ({ topic, lastOffsets }) => topics.commit(topic, lastOffsets),
    invoke: async (_name, event) => {
      call += 1;
      if (call === calls) stop.abort();
      if (fails(call)) throw new FunctionError({ name: 'Error', message: 'not now', stack: '' });
      const batches = Object.values<{ value: string }[]>(JSON.parse(event).records);
      handled.push(...batches.flat().map(({ value }) => Buffer.from(value, 'base64').toString()));
      const counts = { records: 0, applied: 0, skipped: 0, quarantined: 0, write_units: 0 };
      return JSON.stringify({ batchItemFailures: [], ...counts });
    },
  });
  await poll(topics, () => mapping, stop.signal);
  return handled;
}

test('what failed is not consumed, what succeeded never comes again', async () => {
  const folder = temporaryDirectory();
  const topics = await openTopics(folder);
  for (let id = 0; id < RECORDS; id += 1) {
    topics.append(TOPIC, `{"id":${id}}`, [
      { timestamp: 1, key: null, value: `${id}`, headers: [] },
    ]);
  }
  const first = await pollFor(topics, 3, (call) => call > 1);
  expect(first).toHaveLength(10);
  expect(topics.lag()).toBe(RECORDS - 10);

  const restarted = await openTopics(folder);
  expect(restarted.lag()).toBe(RECORDS - 10);
  const second = await pollFor(restarted, 3, (call) => call === 1);
  expect([...first, ...second].map(Number).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: RECORDS }, (_, id) => id),
  );
  expect((await openTopics(folder)).lag()).toBe(0);
});

test('a position moves when its file holds it, not before', async () => {
  const path = join(temporaryDirectory(), 'positions.json');
  const positions = await Positions.open(path);
  const committed = positions.commit(TOPIC, new Map([[0, 41n]]));
  expect(positions.next(TOPIC, 0)).toBe(0n);
  await committed;
  expect(positions.next(TOPIC, 0)).toBe(42n);
  expect((await Positions.open(path)).next(TOPIC, 0)).toBe(42n);
});

test('I103: a topic whose batches fail holds no other', async () => {
  const folder = temporaryDirectory();
  const positions = await Positions.open(join(folder, 'positions.json'));
  const topics = new LocalTopics(folder, [TOPIC, OUTCOMES_TOPIC], positions);
  for (let id = 0; id < RECORDS; id += 1) {
    const record = { timestamp: 1, key: null, value: `${id}`, headers: [] };
    for (const topic of topics.names) topics.append(topic, `${id}`, [record]);
  }
  const stop = new AbortController();
  let failures = 0;
  const makeMapping = () =>
    new EventSourceMapping({
      routes: routeTopics(OUTCOMES_TOPIC),
      batchSize: 10,
      attemptsMax: Number.POSITIVE_INFINITY,
      signal: stop.signal,
      onRetry: () => {},
      onDelivered: async ({ topic, lastOffsets }) => {
        await topics.commit(topic, lastOffsets);
        if (topics.lag() === RECORDS) stop.abort();
      },
      invoke: async (name) => {
        if (name === 'record-outcomes') {
          failures += 1;
          throw new FunctionError({ name: 'Error', message: 'frozen', stack: '' });
        }
        const counts = { records: 0, applied: 0, skipped: 0, quarantined: 0, write_units: 0 };
        return JSON.stringify({ batchItemFailures: [], ...counts });
      },
    });
  await poll(topics, makeMapping, stop.signal);
  expect(failures).toBeGreaterThan(0);
  expect(topics.logsOf(OUTCOMES_TOPIC).every((log) => topics.next(log) === 0n)).toBe(true);
  expect(topics.logsOf(TOPIC).every((log) => topics.next(log) === log.nextOffset)).toBe(true);
});

test('topics that commit at the same moment lose no position of each other', async () => {
  const path = join(temporaryDirectory(), 'positions.json');
  const positions = await Positions.open(path);
  await Promise.all([
    positions.commit('a', new Map([[0, 1n]])),
    positions.commit('b', new Map([[0, 2n]])),
    positions.commit('a', new Map([[1, 3n]])),
  ]);
  const reopened = await Positions.open(path);
  expect([reopened.next('a', 0), reopened.next('b', 0), reopened.next('a', 1)]).toEqual([
    2n,
    3n,
    4n,
  ]);
});
