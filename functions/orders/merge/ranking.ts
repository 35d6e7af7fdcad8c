// The best of one kind, and the floor that all others are behind. Pure.
import { type PackedSums, packSums, unpackSums } from '../fold/packed-sums.ts';
import type { EntityKind, Sums } from '../fold/sums.ts';
import { itemKeys } from '../table/items.ts';
import { isPresent } from './base.ts';
import type { Document } from './document.ts';

export interface Ranked {
  readonly id: bigint;
  readonly sums: Sums;
}

export interface Ranking {
  readonly epoch: number;
  /** By rank. */
  readonly best: readonly Ranked[];
  /** Who is not among the best stands behind this one; `undefined`: nobody else is there. */
  readonly floor: Ranked | undefined;
}

export const NO_RANKING: Ranking = { epoch: 0, best: [], floor: undefined };

/** How many are kept when there are too many, for a report of `topN`; and what is too many. */
export const keptOf = (topN: number): number => 2 * topN + 20;
export const keptMaxOf = (kept: number): number => 2 * kept;

/** The greater amount first, of equal ones the smaller id: a total order, so that ties at the floor are decided. */
export function byRank(a: Ranked, b: Ranked): number {
  const byAmount = b.sums.amount.compare(a.sums.amount);
  return byAmount !== 0 ? byAmount : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The ranking once the entities that were touched enter, move or leave. */
export function rerank(
  { best, floor }: Ranking,
  epoch: number,
  touched: ReadonlyMap<string, Sums>,
  kept: number,
): Ranking {
  const ranked = new Map(best.map((entry) => [entry.id.toString(), entry]));
  for (const [name, sums] of touched) {
    const entry = { id: BigInt(name), sums };
    const belongs = isPresent(sums) && (!floor || byRank(entry, floor) <= 0);
    if (belongs) ranked.set(name, entry);
    else ranked.delete(name);
  }
  return trimmed(epoch, [...ranked.values()], floor, kept);
}

export function trimmed(
  epoch: number,
  entries: readonly Ranked[],
  floor: Ranked | undefined,
  kept: number,
): Ranking {
  const best = [...entries].sort(byRank);
  if (best.length <= keptMaxOf(kept)) return { epoch, best, floor };
  const leaders = best.slice(0, kept);
  return { epoch, best: leaders, floor: leaders.at(-1) };
}

/** Fewer than the report shows, though there are others behind the floor. */
export function isShort({ best, floor }: Ranking, topN: number): boolean {
  return floor !== undefined && best.length < topN;
}

function packRanking({ epoch, best, floor }: Ranking): string {
  const order = best.map(({ id }) => id.toString());
  const toSums = (entries: readonly Ranked[]) =>
    packSums(new Map(entries.map(({ id, sums }) => [id.toString(), sums])));
  return JSON.stringify({ epoch, order, best: toSums(best), floor: toSums(floor ? [floor] : []) });
}

function unpackRanking(text: string): Ranking {
  const packed: { epoch: number; order: string[]; best: PackedSums; floor: PackedSums } =
    JSON.parse(text);
  const sums = unpackSums(packed.best);
  const best = packed.order.flatMap((name) => {
    const of = sums.get(name);
    return of ? [{ id: BigInt(name), sums: of }] : [];
  });
  const [floor] = [...unpackSums(packed.floor)].map(([name, of]) => {
    return { id: BigInt(name), sums: of };
  });
  return { epoch: packed.epoch, best, floor };
}

export const rankingOf = (kind: EntityKind): Document<Ranking> => ({
  key: itemKeys.ranking(kind),
  none: NO_RANKING,
  pack: packRanking,
  unpack: unpackRanking,
});
