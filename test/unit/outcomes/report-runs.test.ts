// Pages of runs out of a listing that only goes forward: right for any course of runs, and a few requests for any
// number of them. SEED=n replays a run.
import { expect, test } from 'vitest';
import { type Stamp, stampOf } from '../../../functions/outcomes/query/run-stamp.ts';
import {
  type ListRuns,
  type Run,
  runsAfter,
  runsUpTo,
} from '../../../functions/outcomes/store/report-runs.ts';
import { makeRandom, type Random, seeds } from '../../support/random.ts';

const KEYS_A_REQUEST = 1_000;
const START = Date.UTC(2026, 0, 1) / 1000;

test.each(seeds(20))('every page is what sorting all runs would give, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const stamps = randomStamps(random);
  for (let asked = 0; asked < 30; asked += 1) {
    const { list } = listingOf(stamps);
    const count = random.pick([1, 2, 100, 1_001]);
    const at = random.chance(0.5)
      ? random.pick(stamps)
      : stampOf(START + random.integer(-100, 40_000_000));
    const upTo = stamps.filter((stamp) => stamp <= at).slice(-count);
    expect((await runsUpTo(at, count, list)).map(({ stamp }) => stamp)).toEqual(upTo.reverse());
    const after = stamps.filter((stamp) => stamp > at).slice(0, count);
    expect((await runsAfter(at, count, list)).map(({ stamp }) => stamp)).toEqual(after.reverse());
  }
});

test('among 100,000 runs a page takes a handful of requests, wherever it is', async () => {
  for (const seconds of [1, 60, 300, 86_400]) {
    const stamps = Array.from({ length: 100_000 }, (_, run) => stampOf(START + run * seconds));
    for (const place of [99_999, 50_000, 10]) {
      const { list, requests } = listingOf(stamps);
      const page = await runsUpTo(stamps[place] ?? '', 101, list);
      expect(page.length).toBe(Math.min(place + 1, 101));
      expect(requests(), `${seconds} s, run ${place}`).toBeLessThanOrEqual(9);
    }
  }
});

function listingOf(stamps: readonly Stamp[]) {
  let requests = 0;
  const list: ListRuns = async (after = '') => {
    requests += 1;
    const from = stamps.findIndex((stamp) => stamp > after);
    const rest = from < 0 ? [] : stamps.slice(from, from + KEYS_A_REQUEST);
    const runs = rest.map((stamp): Run => ({ stamp, writtenAt: '', bytes: 0 }));
    return { runs, isCut: from >= 0 && from + KEYS_A_REQUEST < stamps.length };
  };
  return { list, requests: () => requests };
}

/** Bursts of a run a second, the usual course, and months without any. */
function randomStamps(random: Random): Stamp[] {
  let seconds = START;
  const stamps = Array.from({ length: random.pick([1, 5, 3_000, 8_000]) }, () => {
    seconds += random.chance(0.001) ? random.integer(1, 10_000_000) : random.pick([1, 1, 2, 300]);
    return stampOf(seconds);
  });
  return [...new Set(stamps)];
}
