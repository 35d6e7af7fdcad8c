// I3 by example, and I12: which positions are compared, and which never are.
import { expect, test } from 'vitest';
import { Decimal } from '../../../functions/orders/decimal.ts';
import type { ChangeEvent, OrderRow, UnreadRecord } from '../../../functions/orders/fold/change.ts';
import { type Fold, foldChanges, rowName } from '../../../functions/orders/fold/fold.ts';
import { newestOf, type RowImage } from '../../../functions/orders/fold/image.ts';
import { AGGREGATE_KINDS, isNothing } from '../../../functions/orders/fold/sums.ts';
import { sumSteps } from '../../../functions/orders/segments/segment.ts';

const STREAM = '0:orders:1';
const OTHER = '0:orders:2';
const row: OrderRow = {
  customer: 42n,
  amount: Decimal.of('10.00'),
  status: 'pending',
  day: '2025-01-15',
};

function change(offset: bigint, values: Partial<OrderRow> | null, lsn?: bigint): ChangeEvent {
  const source = lsn === undefined ? {} : { source: { lsn, committedAtMs: lsn } };
  return { table: 'orders', key: { text: '1', id: 1n }, offset, row: values, ...source };
}

const fold = (changes: (ChangeEvent | UnreadRecord)[], stored: RowImage[] = [], stream = STREAM) =>
  foldChanges(changes, new Map(stored.map((image) => [rowName(image), image])), stream);

/** `kind name: count amount` of what is not nothing. */
function sums({ steps }: Fold): string[] {
  const all = sumSteps(steps);
  return AGGREGATE_KINDS.flatMap((kind) =>
    [...all.of(kind)]
      .filter(([, sum]) => !isNothing(sum))
      .map(([name, { count, amount }]) => `${kind} ${name}: ${count} ${amount.toText()}`),
  ).sort();
}

function imageAfter({ images }: Fold): RowImage {
  const image = [...images.values()][0]?.at(-1);
  if (!image) throw new Error('The fold has no image.');
  return image;
}

test('a new order counts in its day with its status, and at its customer', () => {
  expect(sums(fold([change(1n, row)]))).toEqual([
    'customer 42: 1 10',
    'day 2025-01-15/pending: 1 10',
  ]);
});

test('an update moves what differs and nothing else', () => {
  const image = imageAfter(fold([change(1n, row)]));
  const moved = { ...row, status: 'paid', amount: Decimal.of('7.50') };
  expect(sums(fold([change(2n, moved)], [image]))).toEqual([
    'customer 42: 0 -2.5',
    'day 2025-01-15/paid: 1 7.5',
    'day 2025-01-15/pending: -1 -10',
  ]);
});

test('I150: a delete that knows its row by a key with a null is of a row that is stored, or is told', () => {
  const key = { text: '{"customer_id":null,"id":1}', id: 1n, isPartial: true } as const;
  const created = { ...change(1n, row), key };
  const gone = { ...change(2n, null), key, isUnsure: true } as const;
  const [refused, ...others] = fold([gone]).unresolved;
  expect(refused?.reason).toMatch(/names no row that is stored.* REPLICA IDENTITY FULL$/);
  expect(others).toEqual([]);
  const known = fold([created, gone]);
  expect([known.applied, known.unresolved]).toEqual([2, []]);
  expect(fold([gone], [imageAfter(known)]).unresolved).toEqual([]);
});

test('what cancels out over a batch still has its steps, so that the segment tells its offset', () => {
  const result = fold([change(1n, row), change(2n, null)]);
  expect(result.steps.map(({ offset }) => offset)).toEqual([1n, 2n]);
  expect(sums(result)).toEqual([]);
});

test('offsets at or under the image’s are skipped, of another stream they are not compared', () => {
  const image = imageAfter(fold([change(5n, row)]));
  expect(fold([change(4n, row), change(5n, row)], [image])).toMatchObject({
    applied: 0,
    skipped: 2,
  });
  const elsewhere = { ...image, stream: '1:orders:1' };
  expect(fold([change(4n, row)], [elsewhere])).toMatchObject({ applied: 1, skipped: 0 });
});

test('of a stream that a row has left, what was seen stays seen', () => {
  const left = imageAfter(fold([change(4n, row), change(5n, null), change(6n, null)]));
  const moved = imageAfter(fold([change(1n, row)], [left], OTHER));
  expect(moved.earlier).toEqual(new Map([[STREAM, 6n]]));
  const again = [change(4n, row), change(5n, null), change(6n, null)];
  expect(fold(again, [moved])).toMatchObject({ applied: 0, skipped: 3 });
  expect(imageAfter(fold([change(7n, row)], [moved])).earlier).toEqual(new Map([[OTHER, 1n]]));
});

test('of the images of several streams the one that knows the other is the newest', () => {
  const left = imageAfter(fold([change(4n, row)]));
  const moved = imageAfter(fold([change(1n, { ...row, status: 'paid' })], [left], OTHER));
  for (const images of [
    [left, moved],
    [moved, left],
  ]) {
    expect(newestOf(images)).toMatchObject({ stream: OTHER, row: { status: 'paid' } });
  }
  const later = imageAfter(fold([change(9n, { ...row, status: 'old' })], [left]));
  expect(newestOf([later, moved])?.earlier).toEqual(new Map([[STREAM, 9n]]));
});

test('an event sent again under a new offset is skipped by its source position', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  const older = change(6n, { ...row, status: 'older' }, 99n);
  expect(fold([older, change(7n, row, 100n)], [image])).toMatchObject({ applied: 0, skipped: 2 });
  expect(fold([change(6n, row, 101n)], [image])).toMatchObject({ applied: 1 });
});

test('other contents under an equal LSN are another change of the transaction', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  expect(fold([change(6n, { ...row, status: 'paid' }, 100n)], [image])).toMatchObject({
    applied: 1,
  });
  expect(fold([change(6n, null, 100n)], [image])).toMatchObject({ applied: 1 });
  const { status: _notSent, ...partial } = row;
  expect(fold([change(6n, partial, 100n)], [image])).toMatchObject({ applied: 0, skipped: 1 });
});

test('a delete that is older than the row takes its tombstone with it', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  const again = fold([change(6n, null, 90n), change(7n, null)], [image]);
  expect(again).toMatchObject({ applied: 0, skipped: 2 });
  expect(imageAfter(again)).toMatchObject({ offset: 7n, row: { status: 'pending' } });
  const later = fold([change(8n, null, 110n), change(9n, null)], [imageAfter(again)]);
  expect(imageAfter(later).row).toBeNull();
});

test('a tombstone behind a record that could not be read is not that of an older delete', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  const behindDelete = imageAfter(fold([change(6n, null, 90n)], [image]));
  const unread = { table: 'orders', key: image.key, offset: 7n } as const;
  const skipped = fold([unread], [behindDelete]);
  expect(skipped).toMatchObject({ applied: 0, skipped: 0 });
  expect(imageAfter(skipped)).toMatchObject({ row, offset: 7n, origin: { offset: 6n } });
  for (const [changes, stored] of [
    [[change(8n, null)], imageAfter(skipped)],
    [[unread, change(8n, null)], behindDelete],
  ] as const) {
    expect(imageAfter(fold([...changes], [stored])).row).toBeNull();
  }
  expect(fold([unread], [image]).steps).toEqual([]);
});

test('a tombstone that comes late in a stream that the row has left is that of its delete there', () => {
  const left = imageAfter(fold([change(1n, row, 90n), change(2n, null, 100n)]));
  const later = imageAfter(fold([change(0n, row, 110n)], [], OTHER));
  const read = newestOf([left, later]);
  if (!read) throw new Error('There is an image.');
  const late = fold([change(3n, null)], [read]);
  expect(late).toMatchObject({ applied: 0, skipped: 1 });
  expect(imageAfter(late)).toMatchObject({ row, offset: 3n, stream: STREAM });
  expect(imageAfter(fold([change(1n, null)], [read], OTHER)).row).toBeNull();
  const { source: _dropped, ...bare } = left;
  const ofTombstonesAlone = newestOf([bare, later]);
  if (!ofTombstonesAlone) throw new Error('There is an image.');
  expect(imageAfter(fold([change(3n, null)], [ofTombstonesAlone])).row).toBeNull();
});

test('two rows of two schemas under one key are refused, not mixed', () => {
  const image = imageAfter(fold([{ ...change(5n, row), schema: 'eu' }]));
  const { unresolved, applied } = fold([{ ...change(6n, row), schema: 'us' }], [image]);
  expect({ applied, reason: unresolved[0]?.reason }).toEqual({
    applied: 0,
    reason: expect.stringMatching(
      /^orders 1 of schema us has the key of a row of schema eu: .*ORDERS_TOPICS=<label>=<topic>/,
    ),
  });
  expect(fold([change(6n, null)], [image])).toMatchObject({ applied: 1 });
});

test('the tombstone behind a refused delete of another schema deletes nothing; one of its own does', () => {
  const image = imageAfter(fold([{ ...change(5n, row), schema: 'eu' }]));
  const foreign = [{ ...change(8n, null, 9n), schema: 'us' }, change(9n, null)];
  const result = fold(foreign, [image], OTHER);
  expect(result).toMatchObject({ applied: 0, skipped: 1, unresolved: [{}] });
  expect(imageAfter(result)).toMatchObject({ row, schema: 'eu', earlier: new Map([[STREAM, 5n]]) });
  const own = fold([{ ...change(6n, null), schema: 'eu' }, change(7n, null)], [imageAfter(result)]);
  expect(own).toMatchObject({ applied: 1, skipped: 1 });
  expect(imageAfter(own).row).toBeNull();
});

test('a row that moves to a partition in another schema is deleted there and created here', () => {
  const gone = imageAfter(fold([change(5n, row), { ...change(6n, null), schema: 'eu' }]));
  const moved = fold([{ ...change(7n, row), schema: 'us' }], [gone]);
  expect(moved).toMatchObject({ applied: 1, unresolved: [] });
  expect(imageAfter(moved)).toMatchObject({ row, schema: 'us' });
});

test('a restored database starts with lower LSNs but commits later: its events count', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  const restored = { ...change(6n, row), source: { lsn: 3n, committedAtMs: 101n } };
  expect(fold([restored], [image])).toMatchObject({ applied: 1 });
});

test('after a snapshot’s read no LSN is compared: a change may be older than the read by LSN', () => {
  const image = imageAfter(fold([change(5n, row)]));
  const committedDuringTheSnapshot = change(6n, { ...row, status: 'paid' }, 1n);
  expect(fold([committedDuringTheSnapshot], [image])).toMatchObject({ applied: 1 });
});

test('the tombstone behind a delete moves the position alone; without a delete it deletes', () => {
  const result = fold([change(1n, row), change(2n, null, 9n), change(3n, null)]);
  expect(result).toMatchObject({ applied: 2, skipped: 1 });
  expect(imageAfter(result)).toMatchObject({ row: null, offset: 3n, source: { lsn: 9n } });
  const image = imageAfter(fold([change(1n, row)]));
  expect(sums(fold([change(2n, null)], [image]))).toContain('customer 42: -1 -10');
});

test('a column that was not sent keeps what is stored; without a stored row it is unresolved', () => {
  const { status: _notSent, ...partial } = row;
  const image = imageAfter(fold([change(1n, row), change(2n, { ...partial, customer: 43n })]));
  expect(image.row).toEqual({ ...row, customer: 43n });
  const alone = fold([change(1n, partial)]);
  expect(alone).toMatchObject({
    applied: 0,
    skipped: 0,
    unresolved: [{ change: { offset: 1n } }],
  });
  expect(imageAfter(alone)).toMatchObject({ row: null, offset: 1n, origin: { offset: -1n } });
});

test('NULLs: the day and the status are unknown, the amount is zero, no customer is counted', () => {
  const nothing = { customer: null, amount: null, status: null, day: null };
  expect(sums(fold([change(1n, nothing)]))).toEqual(['day unknown/unknown: 1 0']);
});

const redriven = (
  offset: bigint,
  from: bigint,
  values: Partial<OrderRow> | null,
  lsn?: bigint,
) => ({
  ...change(offset, values, lsn),
  origin: { stream: STREAM, offset: from },
});

test('a redriven change counts where its record stood first', () => {
  const image = imageAfter(fold([change(3n, row)]));
  const older = redriven(9n, 2n, { ...row, status: 'paid' });
  const skipped = fold([older], [image]);
  expect(skipped).toMatchObject({ applied: 0, skipped: 1 });
  expect(skipped.images.size).toBe(0);
  const newer = redriven(9n, 4n, { ...row, status: 'paid' });
  const applied = fold([newer, redriven(10n, 3n, row), redriven(11n, 4n, row)], [image]);
  expect(applied).toMatchObject({ applied: 1, skipped: 2 });
  expect(imageAfter(applied)).toMatchObject({
    ...{ offset: 9n, origin: { offset: 4n }, row: { status: 'paid' } },
  });
});

test('a copy that is sent again after a redrive takes its place', () => {
  const first = redriven(9n, 4n, row, 7n);
  const image = imageAfter(fold([first, change(10n, row, 7n)]));
  expect(image).toMatchObject({ offset: 10n, row: { status: 'pending' } });
  expect(image.origin).toBeUndefined();
});

test('over an image of another partition the LSN decides; without one the change is unresolved', () => {
  const image = imageAfter(fold([change(3n, row, 5n)]));
  const elsewhere = { ...image, stream: '0:orders:99' };
  const paid = { ...row, status: 'paid' };
  expect(fold([redriven(9n, 4n, paid, 6n)], [elsewhere])).toMatchObject({ applied: 1 });
  expect(fold([redriven(9n, 4n, paid, 4n)], [elsewhere])).toMatchObject({ applied: 0, skipped: 1 });
  const { unresolved } = fold([redriven(9n, 4n, paid)], [elsewhere]);
  expect(unresolved[0]?.reason).toMatch(/was written by stream 0:orders:99, and no LSN tells/);
});
