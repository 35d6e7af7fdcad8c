// I8: the top of a ranking is exact in every report, while its index is bounded: floors rise and fall,
// writers act on floors that they read a while ago, entities come and go. SEED=<n> plays a run again.
import { expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import { type EntityKind, itemKeys } from '../../functions/orders/items.ts';
import { makeAggregateStore } from '../../functions/orders/store/aggregate-store.ts';
import { RankingReader } from '../../functions/orders/store/ranking-reader.ts';
import { makeRankings } from '../../functions/orders/store/rankings.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { makeRandom, seeds } from '../support/random.ts';

const KIND: EntityKind = 'customer';
const TOP_N = 3;
const LIMITS = { indexMax: 10, indexKept: 5, leavesMax: 4 };
const ENTITIES = 40;
const WRITERS = 3;

interface Entity {
  count: number;
  score: number;
}

function makeWriter(table: MemoryTable, partition: number, now: () => number) {
  const store = makeAggregateStore({ table, rankings: makeRankings(table, now), now });
  let offset = 0n;
  return (id: bigint, count: number, score: number) => {
    const aggregate = { key: itemKeys.entity(KIND, id), entity: KIND };
    const delta = new Map([
      ['n', Decimal.ofInteger(count)],
      ['a', Decimal.ofInteger(score)],
    ]);
    const steps = [{ offset: ++offset, delta }];
    const fold = {
      aggregates: [{ aggregate, steps }],
      images: [],
      applied: 1,
      skipped: 0,
      unresolved: [],
    };
    const stream = { name: `0:${partition}`, partition };
    return store.apply(fold, stream, { firstOffset: offset, lastOffset: offset });
  };
}

function expectedTop(entities: ReadonlyMap<bigint, Entity>): string[] {
  return [...entities]
    .filter(([, { count }]) => count > 0)
    .sort(([a, x], [b, y]) => y.score - x.score || Number(a - b))
    .slice(0, TOP_N)
    .map(([id, { score }]) => `${id}: ${score}`);
}

test.for(seeds(150))('the top is exact in every report, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const table = new MemoryTable();
  let nowMs = 0;
  const now = () => nowMs;
  const writers = Array.from({ length: WRITERS }, (_, partition) =>
    makeWriter(table, partition, now),
  );
  const reader = new RankingReader(table, now, LIMITS);
  const entities = new Map<bigint, Entity>();
  let shrinking = false;

  for (let step = 0; step < 400; step++) {
    nowMs += random.below(15_000);
    if (random.chance(0.02)) shrinking = !shrinking;
    const id = BigInt(random.below(ENTITIES));
    const entity = entities.get(id) ?? { count: 0, score: 0 };
    const leaves = entity.count > 0 && random.chance(shrinking ? 0.9 : 0.2);
    const [count, score] = leaves
      ? [-entity.count, -entity.score]
      : [1, random.below(30) - (shrinking ? 25 : 5)];
    await random.pick(writers)(id, count, score);
    entities.set(id, { count: entity.count + count, score: entity.score + score });
    if (random.chance(0.3)) {
      const top = await reader.readTop(KIND, TOP_N);
      const shown = top.map((ranked) => `${ranked.id}: ${ranked.score.toText()}`);
      expect(shown, `SEED=${seed}, step ${step}`).toEqual(expectedTop(entities));
    }
  }
});

test('the index stays bounded while entities come without end', async () => {
  const table = new MemoryTable();
  let nowMs = 0;
  const now = () => nowMs;
  const write = makeWriter(table, 0, now);
  const reader = new RankingReader(table, now, LIMITS);
  for (let id = 0n; id < 500n; id++) {
    nowMs += 30_000;
    await write(id, 1, Number((id * 7919n) % 1009n));
    if (id % 3n === 0n) await reader.readTop(KIND, TOP_N);
  }
  const ranked = await Array.fromAsync(table.queryRanking(KIND, 'highest-first'));
  expect(ranked.length).toBeLessThanOrEqual(LIMITS.indexMax + LIMITS.leavesMax);
});
