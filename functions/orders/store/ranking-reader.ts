// The top of a ranking, on the report run's side, and the upkeep of its index: an index that has grown
// too large gets a floor. When the floor leaves too few it is lowered, and runs answer by scanning
// until no writer can still act on the old floor: that scan gives the index all that it lacks.
import pMap from 'p-map';
import type { Decimal } from '../decimal.ts';
import type { EntityKind, ItemKey } from '../items.ts';
import { type Floor, isAtOrAbove, moveFloor, readFloor } from './ranking-floor.ts';
import {
  enterRanking,
  entityKey,
  FLOOR_CACHED_MS,
  isEmpty,
  isRanked,
  leaveRanking,
} from './rankings.ts';
import { readDecimal } from './sum-update.ts';
import type { Table } from './table-store.ts';
import { type Comparison, type Item, number } from './update-request.ts';

export interface RankedEntity {
  readonly id: bigint;
  readonly score: Decimal;
  readonly item: Item;
}

export interface RankingLimits {
  /** Above this many entities the index gets a higher floor ... */
  readonly indexMax: number;
  /** ... that leaves this many, more than any report shows. */
  readonly indexKept: number;
  /** So many keys below the floor are taken out of the index in one run. */
  readonly leavesMax: number;
}

export const RANKING_LIMITS: RankingLimits = {
  indexMax: 5_000,
  indexKept: 2_000,
  leavesMax: 2_000,
};

/** Twice what a writer may cache, for one that was slow in between. */
const FLOOR_TRUSTED_AFTER_MS = 2 * FLOOR_CACHED_MS;
const WRITES_AT_ONCE = { concurrency: 16, stopOnError: false };

export class RankingReader {
  readonly #table: Table;
  readonly #now: () => number;
  readonly #limits: RankingLimits;

  constructor(table: Table, now: () => number, limits: RankingLimits = RANKING_LIMITS) {
    this.#table = table;
    this.#now = now;
    this.#limits = limits;
  }

  /** By score, highest first; ties by the smaller id. At most `topN`, fewer if there are no more. */
  async readTop(kind: EntityKind, topN: number): Promise<RankedEntity[]> {
    const floor = await readFloor(this.#table, kind);
    if (floor.loweredAtMs !== undefined) return this.#readWhileRefilling(kind, topN, floor);
    const ranked = await this.#readIndex(kind, floor, topN);
    if (ranked.length < topN && floor.score) return this.#startRefill(kind, topN, floor);
    if (ranked.length > this.#limits.indexMax) await this.#raiseFloor(kind, floor, ranked);
    await this.#dropBelow(kind, floor);
    return ranked.sort(byRank).slice(0, topN);
  }

  /** What is in the index at or above the floor, highest first, as far as anyone needs it. */
  async #readIndex(kind: EntityKind, floor: Floor, topN: number): Promise<RankedEntity[]> {
    const ranked: RankedEntity[] = [];
    for await (const item of this.#table.queryRanking(kind, 'highest-first')) {
      const entity = toRanked(item);
      if (!isAtOrAbove(entity.score, floor)) break;
      if (!isEmpty(item)) ranked.push(entity);
      // Ties at the cut are all read, since the smaller id goes first.
      const cut = ranked[topN - 1];
      const isTied = cut?.score.compare(entity.score) === 0;
      if (ranked.length > this.#limits.indexMax && !isTied) break;
    }
    return ranked;
  }

  async #raiseFloor(kind: EntityKind, floor: Floor, ranked: readonly RankedEntity[]) {
    const score = ranked[this.#limits.indexKept - 1]?.score;
    if (score) await moveFloor(this.#table, kind, floor, { score });
  }

  async #dropBelow(kind: EntityKind, floor: Floor): Promise<void> {
    if (!floor.score) return;
    const below: ItemKey[] = [];
    for await (const item of this.#table.queryRanking(kind, 'lowest-first')) {
      const isFull = below.length === this.#limits.leavesMax;
      const key = entityKey(item);
      if (isFull || !key || isAtOrAbove(readDecimal(item, 'a'), floor)) break;
      below.push(key);
    }
    const stillBelow: Comparison = { attribute: 'a', is: '<', value: number(floor.score) };
    await pMap(below, (key) => leaveRanking(this.#table, key, stillBelow), WRITES_AT_ONCE);
  }

  /** Too few are left above the floor, so others belong up there: looks at everyone. */
  async #startRefill(kind: EntityKind, topN: number, floor: Floor): Promise<RankedEntity[]> {
    const all = await this.#scanAll(kind);
    const score = all[Math.max(this.#limits.indexKept, topN)]?.score;
    const loweredAtMs = this.#now();
    await moveFloor(this.#table, kind, floor, { ...(score && { score }), loweredAtMs });
    return all.slice(0, topN);
  }

  async #readWhileRefilling(kind: EntityKind, topN: number, floor: Floor) {
    const isDue = this.#now() - (floor.loweredAtMs ?? 0) > FLOOR_TRUSTED_AFTER_MS;
    const all = await this.#scanAll(kind);
    if (isDue) {
      await this.#enterAll(kind, all, floor);
      await moveFloor(this.#table, kind, floor, { ...(floor.score && { score: floor.score }) });
    }
    return all.slice(0, topN);
  }

  async #scanAll(kind: EntityKind): Promise<RankedEntity[]> {
    const all: RankedEntity[] = [];
    for await (const item of this.#table.scan()) {
      const isOfKind = entityKey(item)?.pk.startsWith(`${kind}#`);
      if (isOfKind && !isEmpty(item)) all.push(toRanked(item));
    }
    return all.sort(byRank);
  }

  async #enterAll(kind: EntityKind, all: readonly RankedEntity[], floor: Floor): Promise<void> {
    const lacking = all.filter(({ item, score }) => !isRanked(item) && isAtOrAbove(score, floor));
    const enter = async ({ item }: RankedEntity) => {
      const key = entityKey(item);
      if (key) await enterRanking(this.#table, key, kind);
    };
    await pMap(lacking, enter, WRITES_AT_ONCE);
  }
}

function toRanked(item: Item): RankedEntity {
  const id = entityKey(item)?.pk.split('#')[1];
  if (!id) throw new TypeError('An item of the ranking index has no key.');
  return { id: BigInt(id), score: readDecimal(item, 'a'), item };
}

function byRank(a: RankedEntity, b: RankedEntity): number {
  return b.score.compare(a.score) || (a.id < b.id ? -1 : 1);
}
