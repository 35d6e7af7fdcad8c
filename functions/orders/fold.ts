// Folds the changes of one partition's batch, in offset order, over the stored row images: which
// aggregate takes which delta at which offset, and what the images are afterwards. Pure.
//
// Invariant: the delta of a change depends only on the changes of its row before it, so every retry
// with whatever batch boundaries computes the same delta for the same offset, or skips it because
// its image is stored already, which happens only after its deltas are.
import type { ChangeEvent, TableName } from './change.ts';
import {
  type Aggregate,
  addDeltas,
  contributionsOf,
  type Delta,
  isNothing,
  negate,
} from './contribution.ts';
import { goneAt, hasNothingNew, imageAt, nextImage, type RowImage, wasSeen } from './image.ts';

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

/** A row's image after the batch, and the stored one that it was made from. */
export interface ImageStep {
  readonly image: RowImage;
  readonly stored: RowImage | undefined;
}

export interface Fold {
  readonly aggregates: readonly AggregateSteps[];
  readonly images: readonly ImageStep[];
  readonly applied: number;
  readonly skipped: number;
  /** Changes that keep a column of a row that is not stored. */
  readonly unresolved: readonly ChangeEvent[];
}

export interface Stream {
  readonly name: string;
  readonly partition: number;
}

export type ImageName = `${TableName}#${bigint}`;
export const imageName = (row: { table: TableName; id: bigint }): ImageName =>
  `${row.table}#${row.id}`;

export function foldChanges(
  changes: readonly ChangeEvent[],
  stored: ReadonlyMap<ImageName, RowImage>,
  stream: Stream,
): Fold {
  const images = new Map<ImageName, RowImage>();
  const aggregates = new Map<string, { aggregate: Aggregate; steps: Step[] }>();
  const unresolved: ChangeEvent[] = [];
  let applied = 0;
  for (const change of changes) {
    const name = imageName(change);
    const image = images.get(name) ?? stored.get(name);
    if (image && wasSeen(change, stream.name, image)) continue;
    if (image && hasNothingNew(change, image)) {
      images.set(name, imageAt(image, stream.name, change.offset));
      continue;
    }
    const next = nextImage(change, stream.name, image);
    if (!next) {
      unresolved.push(change);
      // What is known of the row is its position: kept like a deleted row's, so that it stays seen.
      images.set(name, goneAt(change, stream.name, image));
      continue;
    }
    for (const { aggregate, delta } of deltasBetween(image, next, stream.partition)) {
      const name = `${aggregate.key.pk} ${aggregate.key.sk}`;
      const entry = aggregates.get(name) ?? { aggregate, steps: [] };
      entry.steps.push({ offset: change.offset, delta });
      aggregates.set(name, entry);
    }
    images.set(name, next);
    applied += 1;
  }
  return {
    aggregates: [...aggregates.values()],
    images: [...images].map(([name, image]) => ({ image, stored: stored.get(name) })),
    applied,
    skipped: changes.length - applied - unresolved.length,
    unresolved,
  };
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
