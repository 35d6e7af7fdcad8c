import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outcomeFields, presentFields } from '../../functions/outcomes/record/fields.ts';
import { isObject, parseMessage } from '../../functions/outcomes/record/message-json.ts';
import { holdAuctions, readAuctions } from '../../local/sample/auction-traffic.ts';
import { nextOutcome, openAuctions, pastOutcomes } from '../../local/sample/auctions.ts';
import { Positions } from '../../local/stream/positions.ts';
import { LocalTopics } from '../../local/stream/topics.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const TOPIC = 'auction_outcomes';

test('the same seed gives the same outcomes, and a restart goes on where it was', () => {
  const auctions = openAuctions(7);
  const first = pastOutcomes(auctions, 100, NOW_MS);
  expect(pastOutcomes(openAuctions(7), 100, NOW_MS)).toEqual(first);
  const restored = JSON.parse(JSON.stringify(auctions));
  expect(nextOutcome(restored, NOW_MS)).toEqual(nextOutcome(auctions, NOW_MS));
  const ids = first.map(({ bid_request_id }) => bid_request_id);
  expect(new Set(ids).size).toBe(100);
});

test('the recorder takes every one of them; users, sites, currencies and days are several', () => {
  const outcomes = pastOutcomes(openAuctions(1), 500, NOW_MS);
  for (const outcome of outcomes) {
    const message = parseMessage(JSON.stringify(outcome));
    if (!isObject(message)) throw new TypeError('An outcome is an object.');
    expect(outcomeFields.safeParse(presentFields(message)).error).toBeUndefined();
    expect(Number(outcome.win_price) > 0).toBe(outcome.win_status);
    expect(Number(outcome.win_price)).toBeLessThanOrEqual(Number(outcome.bid_price));
  }
  const count = (of: (outcome: (typeof outcomes)[number]) => string) => {
    return new Set(outcomes.map(of)).size;
  };
  expect(count(({ user_id }) => user_id)).toBeGreaterThan(40);
  expect(count(({ site_domain }) => site_domain)).toBe(5);
  expect(count(({ currency }) => currency)).toBe(3);
  expect(count(({ timestamp }) => timestamp.slice(0, 10))).toBe(8);
  const dollars = outcomes.filter(({ currency }) => currency === 'USD');
  expect(dollars.length).toBeGreaterThan(400);
  expect(outcomes.map(({ user_id }) => user_id)).toContain('user-123');
});

test('the past comes once, and its state is in the file', async () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'auctions.json');
  const positions = await Positions.open(join(folder, 'positions.json'));
  const topics = new LocalTopics(folder, [TOPIC], positions);
  const sendOnce = async () => {
    const stop = new AbortController();
    const sending = holdAuctions(path, await readAuctions(path), topics, TOPIC, stop.signal);
    stop.abort();
    await sending;
    return topics.lag();
  };
  const first = await sendOnce();
  expect(first).toBeGreaterThan(100);
  expect(await sendOnce()).toBe(first + 1);
  expect((await readAuctions(path)).nextId).toBe(first + 2);
});
