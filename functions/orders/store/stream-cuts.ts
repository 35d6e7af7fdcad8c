// The cuts of a rebuild, on its side: one in each stream, at the place where its last batch began. See
// docs/decisions/0007-rebuild.md.
import type { Cut } from '../image.ts';
import { itemKeys, STREAMS } from '../items.ts';
import { readCut } from './stream-progress.ts';
import { readInteger } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import { type Item, number } from './update-request.ts';

export interface StreamProgress {
  readonly topic: string;
  readonly stream: string;
  readonly begun: bigint;
  /** -1 before the first batch has ended. */
  readonly ended: bigint;
  readonly cut?: Cut;
}

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
