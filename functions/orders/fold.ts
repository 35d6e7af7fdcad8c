// Folds the changes of one partition's batch, in offset order, over the stored row images: which
// aggregate takes which delta at which offset, and what the images are afterwards. Pure.
//
// Invariant: the delta of a change depends only on the changes of its row before it, so every retry
// with whatever batch boundaries computes the same delta for the same offset, or skips it because
// its image is stored already, which happens only after its deltas are.
import type { ChangeEvent, RowKey, TableName } from './change.ts';
import {
  type Aggregate,
  addDeltas,
  contributionsOf,
  type Delta,
  isNothing,
  negate,
} from './contribution.ts';
import {
  hasNothingNew,
  isIncomparable,
  movedOn,
  nextImage,
  type RowImage,
  type Stream,
  unresolvedAt,
  wasSeen,
} from './image.ts';

/** One change's delta for one aggregate. */
export interface Step {
  readonly offset: bigint;
  readonly delta: Delta;
}

export interface AggregateSteps {
  readonly aggregate: Aggregate;
  /** By ascending offset, none of them nothing. */
  readonly steps: readonly Step[];
}

/** A change that what is stored leaves open. */
export interface Unresolved {
  readonly change: ChangeEvent;
  readonly reason: string;
}

/** A row's image after the batch, and the stored one that it was made from. */
export interface ImageStep {
  readonly image: RowImage;
  readonly stored: RowImage | undefined;
  /** Whether each image on the way had an LSN, so that LSNs tell the order of the row's images. */
  readonly isByLsn: boolean;
}

export interface Fold {
  readonly aggregates: readonly AggregateSteps[];
  readonly images: readonly ImageStep[];
  readonly applied: number;
  readonly skipped: number;
  readonly unresolved: readonly Unresolved[];
}

export type ImageName = `${TableName}#${string}`;
export const imageName = (row: { table: TableName; key: RowKey }): ImageName =>
  `${row.table}#${row.key.text}`;

export function foldChanges(
  changes: readonly ChangeEvent[],
  stored: ReadonlyMap<ImageName, RowImage>,
  stream: Stream,
): Fold {
  const images = new Map<ImageName, RowImage>();
  const aggregates = new Map<string, { aggregate: Aggregate; steps: Step[] }>();
  const unresolved: Unresolved[] = [];
  const withoutLsn = new Set<ImageName>();
  let applied = 0;
  for (const change of changes) {
    const name = imageName(change);
    const image = images.get(name) ?? stored.get(name);
    if (image && wasSeen(change.offset, stream.name, image)) continue;
    if (image && hasNothingNew(change, image)) {
      const moved = movedOn(change, stream, image);
      if (moved !== image) images.set(name, moved);
      continue;
    }
    if (image && isIncomparable(change, image)) {
      unresolved.push({ change, reason: whyIncomparable(change, image) });
      continue;
    }
    const next = nextImage(change, stream, image);
    if (!next) {
      unresolved.push({ change, reason: whyIncomplete(change) });
      images.set(name, unresolvedAt(change, stream, image));
      continue;
    }
    for (const { aggregate, delta } of deltasBetween(image, next, stream.partition)) {
      const name = `${aggregate.key.pk} ${aggregate.key.sk}`;
      const entry = aggregates.get(name) ?? { aggregate, steps: [] };
      entry.steps.push({ offset: change.offset, delta });
      aggregates.set(name, entry);
    }
    images.set(name, next);
    if (!next.source) withoutLsn.add(name);
    if (!isGoneAlready(change, image)) applied += 1;
  }
  return {
    aggregates: [...aggregates.values()],
    images: [...images].map(([name, image]) => {
      return { image, stored: stored.get(name), isByLsn: !withoutLsn.has(name) };
    }),
    applied,
    skipped: changes.length - applied - unresolved.length,
    unresolved,
  };
}

function whyIncomplete({ table, key }: ChangeEvent): string {
  return `a column of ${table} ${key.text} was not sent (unavailable value) and no row is stored`;
}

function whyIncomparable({ table, key }: ChangeEvent, { stream }: RowImage): string {
  return `redriven: ${table} ${key.text} was written by stream ${stream}, and no LSN tells which is newer`;
}

/** The tombstone behind a delete, or a delete sent again: only its position is new. */
function isGoneAlready(change: ChangeEvent, image: RowImage | undefined): boolean {
  return change.row === null && image?.row === null;
}

function deltasBetween(
  before: RowImage | undefined,
  after: RowImage,
  partition: number,
): { aggregate: Aggregate; delta: Delta }[] {
  const deltas = new Map<string, { aggregate: Aggregate; delta: Delta }>();
  const add = (aggregate: Aggregate, delta: Delta) => {
    const name = `${aggregate.key.pk} ${aggregate.key.sk}`;
    const sum = addDeltas(deltas.get(name)?.delta ?? new Map(), delta);
    deltas.set(name, { aggregate, delta: sum });
  };
  for (const { aggregate, delta } of contributionsOf(before, partition)) {
    add(aggregate, negate(delta));
  }
  for (const { aggregate, delta } of contributionsOf(after, partition)) add(aggregate, delta);
  return [...deltas.values()].filter(({ delta }) => !isNothing(delta));
}
