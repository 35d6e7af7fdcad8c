// How far the batches of a stream have come, as they tell it themselves: the last offset of a batch that
// began, before its first write, and of one that ended, after its last. Two writes a batch, so that a
// rebuild knows which changes are in the sums but not yet in the images.
import type { Cut } from '../image.ts';
import { itemKeys, STREAMS } from '../items.ts';
import { readInteger } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import { type Item, number, type UpdateRequest } from './update-request.ts';

export interface Batch {
  readonly topic: string;
  readonly stream: string;
  readonly lastOffset: bigint;
}

export interface StreamProgress {
  readonly topic: string;
  readonly stream: string;
  readonly begun: bigint;
  /** -1 before the first batch has ended. */
  readonly ended: bigint;
  readonly cut?: Cut;
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

export async function readStreams(table: Table): Promise<StreamProgress[]> {
  return (await Array.fromAsync(table.query(STREAMS))).map(toProgress);
}

function toProgress(item: Item): StreamProgress {
  const [topic = '', stream = ''] = (item.sk && 'S' in item.sk ? item.sk.S : '').split(' ');
  const cut = readCut(item);
  return {
    topic,
    stream,
    begun: readInteger(item, 'b') ?? -1n,
    ended: readInteger(item, 'e') ?? -1n,
    ...(cut && { cut }),
  };
}

function readCut(item: Item | undefined): Cut | undefined {
  const [rebuild, offset] = [item && readInteger(item, 'r'), item && readInteger(item, 'k')];
  return rebuild === undefined || offset === undefined ? undefined : { rebuild, offset };
}

/**
 * Cuts a stream where its last batch began. False when one began meanwhile: look again.
 * Whoever cuts last, wins; the rebuild before it finds its cut gone.
 */
export async function cutStream(
  table: Table,
  { topic, stream, begun }: StreamProgress,
  rebuild: bigint,
): Promise<boolean> {
  const answer = await table.update({
    key: itemKeys.stream(topic, stream),
    set: new Map([
      ['r', number(rebuild)],
      ['k', number(begun)],
    ]),
    conditions: [
      { attribute: 'b', is: '=', value: number(begun) },
      [
        { attribute: 'r', is: 'absent' },
        { attribute: 'r', is: '<', value: number(rebuild) },
      ],
    ],
  });
  return answer !== REFUSED;
}

/** From now on nobody keeps what was at the cut. */
export async function liftCut(
  table: Table,
  { topic, stream }: StreamProgress,
  rebuild: bigint,
): Promise<void> {
  await table.update({
    key: itemKeys.stream(topic, stream),
    remove: ['r', 'k'],
    conditions: [{ attribute: 'r', is: '=', value: number(rebuild) }],
  });
}
