// The top of a ranking, on the report run's side, and the upkeep of its index: an index that has grown
// too large gets a floor; one whose floor leaves too few is refilled by one exact scan, and by another
// when no writer can still act on the old floor.
import pMap from 'p-map';
import type { Decimal } from '../decimal.ts';
import { type EntityKind, type ItemKey, itemKeys } from '../items.ts';
import {
  enterRanking,
  entityKey,
  FLOOR_CACHED_MS,
  isEmpty,
  isRanked,
  leaveRanking,
  readFloor,
} from './rankings.ts';
import { readDecimal, readInteger } from './sum-update.ts';
import type { Table } from './table.ts';
import { type Comparison, type Conditions, type Item, number } from './update-request.ts';

export interface RankedEntity {
  readonly id: bigint;
  readonly score: Decimal;
  readonly item: Item;
}

export interface RankingReader {
  /** By score, highest first; ties by the smaller id. At most `topN`, fewer if there are no more. */
  readTop(kind: EntityKind, topN: number): Promise<RankedEntity[]>;
}

export interface RankingLimits {
  /** Above this many entities the index gets a higher floor ... */
  readonly indexMax: number;
  /** ... that leaves this many. Always more than any `topN`. */
  readonly indexKept: number;
  /** So many keys below the floor are taken out of the index in one run. */
  readonly leavesMax: number;
}

export const RANKING_LIMITS: RankingLimits = {
  indexMax: 5_000,
  indexKept: 2_000,
  leavesMax: 2_000,
};

const WRITES_AT_ONCE = 16;
/** Twice what a writer may cache, for one that was slow in between. */
const FLOOR_TRUSTED_AFTER_MS = 2 * FLOOR_CACHED_MS;

interface Floor {
  readonly score: Decimal | undefined;
  /** Since when it was lowered, while writers may still act on the one before; else `undefined`. */
  readonly loweredAtMs: bigint | undefined;
}

export function makeRankingReader(
  table: Table,
  now: () => number,
  limits: RankingLimits = RANKING_LIMITS,
): RankingReader {
  async function readTop(kind: EntityKind, topN: number): Promise<RankedEntity[]> {
    const floor = await readStoredFloor(kind);
    if (floor.loweredAtMs !== undefined) return refill(kind, topN, floor);
    const top = await readIndex(kind, floor, topN);
    const isComplete = top.length >= topN || floor.score === undefined;
    return isComplete ? top.slice(0, topN) : refill(kind, topN, floor);
  }

  async function readStoredFloor(kind: EntityKind): Promise<Floor> {
    const item = (await table.get(itemKeys.floor(kind))) ?? {};
    return { score: readFloor(item), loweredAtMs: readInteger(item, 'since') };
  }

  /** The index at or above the floor, sorted; raises the floor when that is too much. */
  async function readIndex(kind: EntityKind, floor: Floor, topN: number): Promise<RankedEntity[]> {
    const entities: RankedEntity[] = [];
    for await (const item of table.queryRanking(kind, 'highest-first')) {
      const entity = toRanked(item);
      if (floor.score && entity.score.compare(floor.score) < 0) break;
      if (!isEmpty(item)) entities.push(entity);
      if (entities.length > limits.indexMax && !isTie(entities, topN)) break;
    }
    if (entities.length > limits.indexMax) {
      const lowestKept = entities[Math.max(limits.indexKept, topN) - 1];
      if (lowestKept)
        await moveFloor(kind, floor, { score: lowestKept.score, loweredAtMs: undefined });
    }
    await dropBelowFloor(kind, floor);
    return entities.sort(byRank);
  }

  /** Ties at the cut are all read, since the smaller id goes first. */
  function isTie(entities: readonly RankedEntity[], topN: number): boolean {
    const [cut, last] = [entities[topN - 1], entities.at(-1)];
    return cut !== undefined && last !== undefined && cut.score.compare(last.score) === 0;
  }

  async function dropBelowFloor(kind: EntityKind, { score }: Floor): Promise<void> {
    if (!score) return;
    const below: ItemKey[] = [];
    for await (const item of table.queryRanking(kind, 'lowest-first')) {
      const key = entityKey(item);
      if (readDecimal(item, 'a').compare(score) >= 0 || below.length === limits.leavesMax) break;
      if (key) below.push(key);
    }
    const stillBelow: Comparison = { attribute: 'a', is: '<', value: number(score) };
    const leave = (key: ItemKey) => leaveRanking(table, key, stillBelow);
    await pMap(below, leave, { concurrency: WRITES_AT_ONCE, stopOnError: false });
  }

  /** Answers exactly from every entity, lowers the floor, and gives the index what it lacks. */
  async function refill(kind: EntityKind, topN: number, floor: Floor): Promise<RankedEntity[]> {
    const lowered = floor.loweredAtMs !== undefined;
    const top = await scanTop(kind, Math.max(limits.indexKept, topN));
    const score = lowered ? floor.score : top.floor;
    const isDue = lowered && now() - Number(floor.loweredAtMs) > FLOOR_TRUSTED_AFTER_MS;
    if (!lowered) await moveFloor(kind, floor, { score, loweredAtMs: BigInt(now()) });
    if (!lowered || isDue) await enterAll(kind, top.entities, score);
    if (isDue) await moveFloor(kind, floor, { score, loweredAtMs: undefined });
    return top.entities.slice(0, topN);
  }

  async function enterAll(
    kind: EntityKind,
    entities: readonly RankedEntity[],
    floor: Decimal | undefined,
  ): Promise<void> {
    const lacking = entities.filter(
      ({ item, score }) => !isRanked(item) && (!floor || score.compare(floor) >= 0),
    );
    const enter = async ({ item }: RankedEntity) => {
      const key = entityKey(item);
      if (key) await enterRanking(table, key, kind);
    };
    await pMap(lacking, enter, { concurrency: WRITES_AT_ONCE, stopOnError: false });
  }

  async function scanTop(kind: EntityKind, kept: number) {
    const entities: RankedEntity[] = [];
    for await (const item of table.scan()) {
      const key = entityKey(item);
      if (!key?.pk.startsWith(`${kind}#`) || isEmpty(item)) continue;
      entities.push(toRanked(item));
    }
    entities.sort(byRank);
    return { entities, floor: entities.length > kept ? entities[kept - 1]?.score : undefined };
  }

  /** Two report runs at once: the one that comes second leaves the floor as the first has set it. */
  async function moveFloor(kind: EntityKind, from: Floor, to: Floor): Promise<void> {
    const { pk, sk } = itemKeys.floor(kind);
    const item: Item = {
      pk: { S: pk },
      sk: { S: sk },
      ...(to.score && { f: number(to.score) }),
      ...(to.loweredAtMs !== undefined && { since: number(to.loweredAtMs) }),
    };
    await table.put(item, [isAsRead('f', from.score), isAsRead('since', from.loweredAtMs)]);
  }

  return { readTop };
}

function isAsRead(attribute: string, value: Decimal | bigint | undefined): Conditions[number] {
  return value === undefined
    ? { attribute, is: 'absent' }
    : { attribute, is: '=', value: number(value) };
}

function toRanked(item: Item): RankedEntity {
  const id = entityKey(item)?.pk.split('#')[1];
  if (!id) throw new TypeError('An item of the ranking index has no key.');
  return { id: BigInt(id), score: readDecimal(item, 'a'), item };
}

function byRank(a: RankedEntity, b: RankedEntity): number {
  return b.score.compare(a.score) || (a.id < b.id ? -1 : 1);
}
