// I3 by example, and I12: which positions are compared, and which never are.
import { expect, test } from 'vitest';
import { type ChangeEvent, integerKey, type OrderRow } from '../../../functions/orders/change.ts';
import { Decimal } from '../../../functions/orders/decimal.ts';
import { type Fold, foldChanges, imageName } from '../../../functions/orders/fold.ts';
import type { RowImage } from '../../../functions/orders/image.ts';

const STREAM = { name: '0:1', partition: 1 };
const row: OrderRow = {
  customer: 42n,
  amount: Decimal.of('10.00'),
  status: 'pending',
  day: '2025-01-15',
};

function change(offset: bigint, values: Partial<OrderRow> | null, lsn?: bigint): ChangeEvent {
  const source = lsn === undefined ? {} : { source: { lsn, committedAtMs: lsn } };
  return { table: 'orders', key: integerKey(1n), offset, row: values, ...source };
}

const fold = (changes: ChangeEvent[], stored: RowImage[] = []) =>
  foldChanges(changes, new Map(stored.map((image) => [imageName(image), image])), STREAM);

/** `pk sk attribute: sum` of all steps. */
function sums({ aggregates }: Fold): string[] {
  const lines = aggregates.flatMap(({ aggregate: { key }, steps }) => {
    const total = new Map<string, Decimal>();
    for (const [name, value] of steps.flatMap(({ delta }) => [...delta])) {
      total.set(name, (total.get(name) ?? Decimal.ZERO).plus(value));
    }
    return [...total].map(([name, value]) => `${key.pk} ${key.sk} ${name}: ${value.toText()}`);
  });
  return lines.filter((line) => !line.endsWith(': 0')).sort();
}

function imageAfter({ images }: Fold): RowImage {
  const [step] = images;
  if (!step) throw new Error('The fold has no image.');
  return step.image;
}

test('a new order counts in its day with its status, and at its customer', () => {
  expect(sums(fold([change(1n, row)]))).toEqual([
    'customer#42 sum a: 10',
    'customer#42 sum n: 1',
    'day#1 2025-01-15 a: 10',
    'day#1 2025-01-15 n: 1',
    'day#1 2025-01-15 s:pending: 1',
  ]);
});

test('an update moves what differs and nothing else', () => {
  const image = imageAfter(fold([change(1n, row)]));
  const moved = { ...row, status: 'paid', amount: Decimal.of('7.50') };
  expect(sums(fold([change(2n, moved)], [image]))).toEqual([
    'customer#42 sum a: -2.5',
    'day#1 2025-01-15 a: -2.5',
    'day#1 2025-01-15 s:paid: 1',
    'day#1 2025-01-15 s:pending: -1',
  ]);
});

test('a status change leaves the customer untouched: nothing to write there', () => {
  const image = imageAfter(fold([change(1n, row)]));
  const { aggregates } = fold([change(2n, { ...row, status: 'paid' })], [image]);
  expect(aggregates.map(({ aggregate }) => aggregate.key.pk)).toEqual(['day#1']);
});

test('what cancels out over a batch still has its steps, so that the watermark moves', () => {
  const { aggregates } = fold([change(1n, row), change(2n, null)]);
  expect(aggregates.map(({ steps }) => steps.map(({ offset }) => offset))).toEqual([
    [1n, 2n],
    [1n, 2n],
  ]);
});

test('offsets at or under the image’s are skipped, of another stream they are not compared', () => {
  const image = imageAfter(fold([change(5n, row)]));
  expect(fold([change(4n, row), change(5n, row)], [image])).toMatchObject({
    applied: 0,
    skipped: 2,
  });
  const elsewhere = { ...image, stream: '1:1' };
  expect(fold([change(4n, row)], [elsewhere])).toMatchObject({ applied: 1, skipped: 0 });
});

test('of a stream that a row has left, what was seen stays seen', () => {
  const left = imageAfter(fold([change(4n, row), change(5n, null), change(6n, null)]));
  const elsewhere = { name: '0:2', partition: 2 };
  const stored = new Map([[imageName(left), left]]);
  const moved = imageAfter(foldChanges([change(1n, row)], stored, elsewhere));
  expect(moved.earlier).toEqual(new Map([['0:1', 6n]]));
  const again = [change(4n, row), change(5n, null), change(6n, null)];
  expect(fold(again, [moved])).toMatchObject({ applied: 0, skipped: 3 });
  expect(imageAfter(fold([change(7n, row)], [moved])).earlier).toEqual(new Map([['0:2', 1n]]));
});

test('an event sent again under a new offset is skipped by its source position', () => {
  const image = imageAfter(fold([change(5n, row, 100n)]));
  const older = change(6n, { ...row, status: 'older' }, 99n);
  expect(fold([older, change(7n, row, 100n)], [image])).toMatchObject({ applied: 0, skipped: 2 });
  expect(fold([change(6n, row, 101n)], [image])).toMatchObject({ applied: 1 });
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
  expect(fold([change(1n, row), change(2n, null, 9n), change(3n, null)])).toMatchObject({
    applied: 2,
    skipped: 1,
    images: [{ image: { row: null, offset: 3n, source: { lsn: 9n } } }],
  });
  const image = imageAfter(fold([change(1n, row)]));
  expect(sums(fold([change(2n, null)], [image]))).toContain('customer#42 sum n: -1');
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
  expect(sums(fold([change(1n, nothing)]))).toEqual([
    'day#1 unknown n: 1',
    'day#1 unknown s:unknown: 1',
  ]);
});

const STREAM_NAME = STREAM.name;
const redriven = (
  offset: bigint,
  from: bigint,
  values: Partial<OrderRow> | null,
  lsn?: bigint,
) => ({
  ...change(offset, values, lsn),
  origin: { stream: STREAM_NAME, offset: from },
});

test('a redriven change counts where its record stood first', () => {
  const image = imageAfter(fold([change(3n, row)]));
  const older = redriven(9n, 2n, { ...row, status: 'paid' });
  expect(fold([older], [image])).toMatchObject({ applied: 0, skipped: 1, images: [] });
  const newer = redriven(9n, 4n, { ...row, status: 'paid' });
  const applied = fold([newer, redriven(10n, 3n, row), redriven(11n, 4n, row)], [image]);
  expect(applied).toMatchObject({
    ...{ applied: 1, skipped: 2 },
    images: [{ image: { offset: 9n, origin: { offset: 4n }, row: { status: 'paid' } } }],
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
  const elsewhere = { ...image, stream: '0:99' };
  const paid = { ...row, status: 'paid' };
  expect(fold([redriven(9n, 4n, paid, 6n)], [elsewhere])).toMatchObject({ applied: 1 });
  expect(fold([redriven(9n, 4n, paid, 4n)], [elsewhere])).toMatchObject({ applied: 0, skipped: 1 });
  const { unresolved } = fold([redriven(9n, 4n, paid)], [elsewhere]);
  expect(unresolved[0]?.reason).toMatch(/was written by stream 0:99, and no LSN tells/);
});
