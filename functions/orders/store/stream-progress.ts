// How far the batches of a stream have come, as they tell it themselves: the last offset of a batch that
// began, before its first write, and of one that ended, after its last. Two writes a batch, so that a
// rebuild knows which changes are in the sums but not yet in the images.
import type { Cut } from '../image.ts';
import { itemKeys } from '../items.ts';
import { readInteger } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import { type Item, number, type UpdateRequest } from './update-request.ts';

export interface Batch {
  readonly topic: string;
  readonly stream: string;
  readonly lastOffset: bigint;
}

/**
 * The cut is read by the write that begins the batch. So a batch that does not see a cut began before
 * it, and all of its offsets are at or below it.
 */
export async function beginBatch(table: Table, batch: Batch): Promise<Cut | undefined> {
  const item = await table.update(raise(batch, 'b'));
  return readCut(item === REFUSED ? await table.get(keyOf(batch)) : item);
}

export async function endBatch(table: Table, batch: Batch): Promise<void> {
  await table.update(raise(batch, 'e'));
}

/** A twin that is behind leaves what is there. */
function raise(batch: Batch, attribute: 'b' | 'e'): UpdateRequest {
  const value = number(batch.lastOffset);
  return {
    key: keyOf(batch),
    set: new Map([[attribute, value]]),
    conditions: [
      [
        { attribute, is: 'absent' },
        { attribute, is: '<', value },
      ],
    ],
  };
}

const keyOf = ({ topic, stream }: Pick<Batch, 'topic' | 'stream'>) =>
  itemKeys.stream(topic, stream);

export function readCut(item: Item | undefined): Cut | undefined {
  const [rebuild, offset] = [item && readInteger(item, 'r'), item && readInteger(item, 'k')];
  return rebuild === undefined || offset === undefined ? undefined : { rebuild, offset };
}
