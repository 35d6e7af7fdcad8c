// Records that no row can be made of, and some that have nothing to count: what a topic holds when
// somebody else writes to it, or a connector was set otherwise for a while.
import type { Random } from '../../support/random.ts';
import type { NewRecord, Topics } from './topics.ts';

/** No row of the source has such an id. */
const FOREIGN_ID = 900;

type Make = (random: Random) => Pick<NewRecord, 'value' | 'fate'>;

const order = {
  id: FOREIGN_ID,
  customer_id: 1,
  total_amount: '1.00',
  status: 'paid',
  created_at: null,
};
const event = (op: string, after: object | null, table = 'orders') =>
  JSON.stringify({ before: null, after, source: { table }, op, ts_ms: 1 });

const KINDS: readonly Make[] = [
  () => ({ value: 'not JSON', fate: 'poison' }),
  () => ({ value: '"text"', fate: 'poison' }),
  () => ({ value: Buffer.from([0xff, 0xfe, 0x00]), fate: 'poison' }),
  () => ({ value: event('x', order), fate: 'poison' }),
  () => ({ value: event('t', null), fate: 'poison' }),
  () => ({ value: event('c', { ...order, total_amount: 'NAN' }), fate: 'poison' }),
  () => ({ value: event('u', { ...order, total_amount: `${10n ** 15n}.00` }), fate: 'poison' }),
  () => ({ value: event('c', { id: FOREIGN_ID, customer_id: 1 }), fate: 'poison' }),
  () => ({ value: event('c', { id: 1, name: 'a product' }, 'products'), fate: 'either' }),
  () => ({
    value: JSON.stringify({ op: 'm', source: { table: '' }, message: {} }),
    fate: 'either',
  }),
];

export function writeOddRecord(random: Random, topics: Topics): void {
  topics.append('orders', { key: null, ...random.pick(KINDS)(random) });
}
