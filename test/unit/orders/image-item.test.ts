// I2: which row image may take the place of which.
import { expect, test } from 'vitest';
import { integerKey } from '../../../functions/orders/change.ts';
import type { ImageStep } from '../../../functions/orders/fold.ts';
import type { RowImage } from '../../../functions/orders/image.ts';
import { makeAggregateStore } from '../../../functions/orders/store/aggregate-store.ts';
import { imageKey, imageToItem, itemToImage } from '../../../functions/orders/store/image-item.ts';
import { makeRankings } from '../../../functions/orders/store/rankings.ts';
import { MemoryTable } from '../../support/memory-table.ts';

const now = () => 0;

const image = (stream: string, offset: bigint): RowImage => ({
  table: 'order_items',
  key: integerKey(1n),
  row: { product: 1n, quantity: offset, price: null },
  stream,
  offset,
});

/** What the table holds after images were written, each made from the one beside it. */
async function writeOver(before: RowImage | undefined, steps: readonly ImageStep[]) {
  const table = new MemoryTable();
  const store = makeAggregateStore({ table, rankings: makeRankings(table, now), now });
  if (before) await table.put(imageToItem(before, 0), []);
  for (const step of steps) {
    const { stream, offset } = step.image;
    const fold = { aggregates: [], images: [step], applied: 1, skipped: 0, unresolved: [] };
    const offsets = { firstOffset: offset, lastOffset: offset };
    await store.apply(fold, { name: stream, partition: 1 }, offsets);
  }
  const item = await table.get(imageKey(image('', 0n)));
  const { stream, offset } = (item && itemToImage(item)) ?? {};
  return `${stream} ${offset}`;
}

const [p1, p2, p3, q1, q2] = [
  image('0:1', 1n),
  image('0:1', 2n),
  image('0:1', 3n),
  image('0:2', 1n),
  image('0:2', 2n),
] as const;
const afterP2: RowImage = { ...q1, earlier: new Map([['0:1', 2n]]) };

const sent = (
  stream: string,
  offset: bigint,
  lsn: bigint,
  earlier?: ReadonlyMap<string, bigint>,
): RowImage => ({
  ...image(stream, offset),
  source: { lsn, committedAtMs: lsn },
  ...(earlier && { earlier }),
});

test.for<[string, RowImage | undefined, [RowImage, RowImage | undefined][], string]>([
  ['the first image', undefined, [[p1, undefined]], '0:1 1'],
  ['a newer one of the stream', p1, [[p2, p1]], '0:1 2'],
  [
    'a newer one of the stream, read before another',
    p1,
    [
      [p2, p1],
      [p3, p1],
    ],
    '0:1 3',
  ],
  [
    'not an older one of the stream',
    p1,
    [
      [p3, p1],
      [p2, p1],
    ],
    '0:1 3',
  ],
  ['one of the stream that the row has come to', p2, [[q1, p2]], '0:2 1'],
  [
    'not one of the stream that it has left, read before',
    p2,
    [
      [afterP2, p2],
      [p2, p1],
    ],
    '0:2 1',
  ],
  [
    'not one of another stream made from an image that is gone, where nothing tells the order',
    p1,
    [
      [p2, p1],
      [q2, p1],
    ],
    '0:1 2',
  ],
  [
    'not the re-sent copy that stands in the next stream by the late one that it is a copy of',
    sent('0:1', 9n, 5n),
    [
      [sent('0:2', 1n, 5n, new Map([['0:1', 9n]])), sent('0:1', 9n, 5n)],
      [sent('0:1', 9n, 5n), sent('0:1', 2n, 4n)],
    ],
    '0:2 1',
  ],
  [
    'the same event sent again in its stream, though another was read before it',
    p1,
    [
      [sent('0:1', 5n, 7n), p1],
      [sent('0:1', 8n, 7n), p1],
    ],
    '0:1 8',
  ],
  [
    'an older one of another stream that it has not seen, as where partitions were raised with lag',
    p1,
    [
      [sent('0:1', 3n, 5n), p1],
      [sent('0:2', 0n, 6n), p1],
    ],
    '0:2 0',
  ],
  [
    'not a newer one of another stream that it has not seen',
    p1,
    [
      [sent('0:1', 3n, 5n), p1],
      [sent('0:2', 0n, 4n), p1],
    ],
    '0:1 3',
  ],
  [
    'a newer one by its time, though a restored database counts LSNs from lower ones',
    sent('0:1', 1n, 7n),
    [
      [sent('0:1', 2n, 8n), sent('0:1', 1n, 7n)],
      [{ ...sent('0:1', 3n, 1n), source: { lsn: 1n, committedAtMs: 99n } }, sent('0:1', 1n, 7n)],
    ],
    '0:1 3',
  ],
])('%s', async ([_name, before, writes, left]) => {
  const steps = writes.map(([image, stored]) => ({ image, stored, isByLsn: true }));
  expect(await writeOver(before, steps)).toBe(left);
});

test('in one stream the offset decides, but never over an image that is newer by its LSN', async () => {
  const write = (isByLsn: boolean) =>
    writeOver(sent('0:1', 10n, 9n), [
      { image: sent('0:1', 14n, 5n), stored: sent('0:1', 2n, 1n), isByLsn },
    ]);
  // As where partitions were raised with lag, and the image had come from the other partition.
  expect(await write(true)).toBe('0:1 10');
  // A snapshot read stood between the two: what follows it may have an older LSN.
  expect(await write(false)).toBe('0:1 14');
});
