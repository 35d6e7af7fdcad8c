// Folds the changes of one partition's batch, in offset order, over the stored row images: what each
// change adds to the aggregates at its offset, and what the images are afterwards. Pure.
//
// Invariant: what a change adds depends only on the changes of its row before it, so every retry with
// whatever batch boundaries computes the same for the same offset, or skips it because its image is
// stored already, which happens only after its segment is.
import { ENV } from '../../contracts.ts';
import {
  type ChangeEvent,
  isUnread,
  type RowIdentity,
  type StreamPosition,
  type TableName,
  type UnreadRecord,
} from './change.ts';
import { type Contribution, contributionsBetween } from './contribution.ts';
import {
  behindForeignDelete,
  behindUnread,
  hasNothingNew,
  isForeignDelete,
  isIncomparable,
  isOfOtherSchema,
  movedOn,
  nextImage,
  type RowImage,
  unresolvedAt,
  wasSeen,
} from './image.ts';

/** What one change adds; nothing, where it only moves an image. */
export interface Step {
  readonly offset: bigint;
  readonly contributions: readonly Contribution[];
  /** The image that it takes away is of another stream, from which the row has moved. */
  readonly madeFrom?: StreamPosition;
}

/** A change that what is stored leaves open. */
export interface Unresolved {
  readonly change: ChangeEvent;
  readonly reason: string;
}

export interface Fold {
  /** By ascending offset, one for each change that moved an image. */
  readonly steps: readonly Step[];
  /** The images of each row that moved, one for each of its changes, by ascending offset. */
  readonly images: ReadonlyMap<RowName, readonly RowImage[]>;
  readonly applied: number;
  readonly skipped: number;
  readonly unresolved: readonly Unresolved[];
}

export type RowName = `${TableName}#${string}`;
export const rowName = ({ table, key }: RowIdentity): RowName => `${table}#${key.text}`;

export function foldChanges(
  changes: readonly (ChangeEvent | UnreadRecord)[],
  stored: ReadonlyMap<RowName, RowImage>,
  stream: string,
): Fold {
  const images = new Map<RowName, RowImage[]>();
  const steps: Step[] = [];
  const unresolved: Unresolved[] = [];
  let applied = 0;
  function move(name: RowName, image: RowImage, contributions: readonly Contribution[]): void {
    const moved = images.get(name);
    if (moved) moved.push(image);
    else images.set(name, [image]);
    const before = moved ? undefined : stored.get(name);
    const madeFrom = before && before.stream !== stream && positionOf(before);
    steps.push({ offset: image.offset, contributions, ...(madeFrom && { madeFrom }) });
  }
  for (const change of changes) {
    const name = rowName(change);
    const image = images.get(name)?.at(-1) ?? stored.get(name);
    if (image && wasSeen(change.offset, stream, image)) continue;
    if (isUnread(change)) {
      if (image?.isBehindDelete) move(name, behindUnread(change, stream, image), []);
      continue;
    }
    const reason = whyRefused(change, stream, image);
    if (reason !== undefined) {
      unresolved.push({ change, reason });
      if (image && isForeignDelete(change, image)) {
        move(name, behindForeignDelete(change, stream, image), []);
      }
      continue;
    }
    if (image && hasNothingNew(change, stream, image)) {
      const moved = movedOn(change, stream, image);
      if (moved !== image) move(name, moved, []);
      continue;
    }
    const next = nextImage(change, stream, image);
    if (!next) {
      unresolved.push({ change, reason: whyIncomplete(change) });
      move(name, unresolvedAt(change, stream, image), []);
      continue;
    }
    move(name, next, contributionsBetween(image, next));
    if (!isGoneAlready(change, image)) applied += 1;
  }
  const read = changes.filter((change) => !isUnread(change)).length;
  const skipped = read - applied - unresolved.length;
  return { steps, images, applied, skipped, unresolved };
}

const TOPICS_SETTING = { orders: ENV.ordersTopics, order_items: ENV.orderItemsTopics } as const;

const positionOf = ({ stream, offset }: RowImage): StreamPosition => ({ stream, offset });

function whyRefused(
  change: ChangeEvent,
  stream: string,
  image: RowImage | undefined,
): string | undefined {
  if (!image) return change.isUnsure ? whyOfNoRow(change) : undefined;
  const row = `${change.table} ${change.key.text}`;
  if (isOfOtherSchema(change, image)) {
    return (
      `${row} of schema ${change.schema} has the key of a row of schema ${image.schema}: ` +
      `of two sources each topic needs a label (${TOPICS_SETTING[change.table]}=<label>=<topic>,…); if the table ` +
      'itself moved to that schema, begin a new table of aggregates (docs/operate.md, "A new table")'
    );
  }
  if (!hasNothingNew(change, stream, image) && isIncomparable(change, image)) {
    return `redriven: ${row} was written by stream ${image.stream}, and no LSN tells which is newer`;
  }
  return undefined;
}

function whyIncomplete({ table, key }: ChangeEvent): string {
  return (
    `a column of ${table} ${key.text} was not sent (unavailable value) and no row is stored: ` +
    'if the row is there, snapshot it; REPLICA IDENTITY FULL keeps the column in each later event'
  );
}

/** https://debezium.io/documentation/reference/stable/connectors/postgresql.html, REPLICA IDENTITY and message.key.columns */
function whyOfNoRow({ table, key }: ChangeEvent): string {
  return (
    `the delete of ${table} ${key.text} names no row that is stored, and a column of its key is null: ` +
    'columns of message.key.columns beside the primary key need REPLICA IDENTITY FULL'
  );
}

/** The tombstone behind a delete, or a delete sent again: only its position is new. */
function isGoneAlready(change: ChangeEvent, image: RowImage | undefined): boolean {
  return change.row === null && image?.row === null;
}
