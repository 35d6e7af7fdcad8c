// I2: which row image may take the place of which.
import { expect, test } from 'vitest';
import type { RowImage } from '../../../functions/orders/image.ts';
import {
  imageKey,
  imageToItem,
  isOlderThan,
  itemToImage,
} from '../../../functions/orders/store/image-item.ts';
import { MemoryTable } from '../../support/memory-table.ts';

const image = (stream: string, offset: bigint): RowImage => ({
  table: 'order_items',
  id: 1n,
  row: { product: 1n, quantity: offset, price: null },
  stream,
  offset,
});

/** What the table holds after one image was read, another written meanwhile, and then one more. */
async function writeOver(before: RowImage | undefined, writes: [RowImage, RowImage | undefined][]) {
  const table = new MemoryTable();
  if (before) await table.put(imageToItem(before, 0), []);
  for (const [written, read] of writes) {
    await table.put(
      imageToItem(written, 0),
      isOlderThan({ image: written, stored: read, isByLsn: true }),
    );
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
      [q1, p2],
      [p3, p2],
    ],
    '0:2 1',
  ],
  [
    'not one made from an image that is gone',
    p1,
    [
      [p2, p1],
      [q2, p1],
    ],
    '0:1 2',
  ],
])('%s', async ([_name, before, writes, left]) => {
  expect(await writeOver(before, writes)).toBe(left);
});

test('in one stream the offset decides, but never over an image that is newer by its LSN', async () => {
  const at = (offset: bigint, lsn: bigint): RowImage => ({
    ...image('0:1', offset),
    source: { lsn, committedAtMs: lsn },
  });
  const write = async (isByLsn: boolean) => {
    const table = new MemoryTable();
    await table.put(imageToItem(at(10n, 9n), 0), []);
    const step = { image: at(14n, 5n), stored: at(2n, 1n), isByLsn };
    return table.put(imageToItem(step.image, 0), isOlderThan(step));
  };
  // As where partitions were raised with lag, and the image had come from the other partition.
  expect(await write(true)).toBe('refused');
  // A snapshot read stood between the two: what follows it may have an older LSN.
  expect(await write(false)).toBe('written');
});
