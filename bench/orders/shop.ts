// The change events of a shop like a real one: orders with sequential ids, products by Zipf, customers who mostly
// buy once or twice; orders are paid and shipped soon after, few are refunded or deleted long after. As Debezium's
// envelopes without schema, in six partitions. Random by a seed.
import type { RawRecord } from '../../local/stream/record.ts';

export const PARTITIONS = 6;
export const TOPICS = { orders: 'shop.public.orders', items: 'shop.public.order_items' } as const;

const START_MS = Date.UTC(2026, 0, 1);
const ORDER_EVERY_MS = 20_000;
const PRODUCTS = 1_000;
const CHANGED_AFTER_ORDERS = 300;
const SHARES = { newCustomer: 0.6, refund: 0.02, remove: 0.005 } as const;

interface Order {
  readonly id: number;
  readonly customer: number;
  readonly amount: string;
  readonly createdUs: number;
  status: string;
  readonly items: { id: number; product: number; quantity: number; price: string }[];
}

export class Shop {
  readonly #random: () => number;
  readonly #offsets = new Map<string, bigint>();
  readonly #orders: Order[] = [];
  readonly #due = new Map<number, Order[]>();
  readonly #weights: number[] = [];
  #customers = 0;
  #items = 0;
  #lsn = 1_000_000;
  #nowMs = START_MS;

  constructor(seed: number) {
    this.#random = randomOf(seed);
    let sum = 0;
    for (let rank = 1; rank <= PRODUCTS; rank++) {
      sum += 1 / rank;
      this.#weights.push(sum);
    }
  }

  get customers(): number {
    return this.#customers;
  }

  /** So many events or a few more, in the order of commits. */
  trade(events: number): RawRecord[] {
    const records: RawRecord[] = [];
    while (records.length < events) {
      this.#nowMs += ORDER_EVERY_MS;
      this.#sell(records);
      for (const order of this.#due.get(this.#orders.length) ?? []) this.#moveOn(order, records);
      this.#due.delete(this.#orders.length);
      if (this.#chance(SHARES.refund)) this.#change(this.#anyOrder(), 'refunded', records);
      if (this.#chance(SHARES.remove)) this.#remove(this.#anyOrder(), records);
    }
    return records;
  }

  /** Status changes of orders of any age. */
  changeOld(events: number): RawRecord[] {
    const records: RawRecord[] = [];
    for (let at = 0; at < events; at++)
      this.#change(this.#anyOrder(), `checked ${at % 5}`, records);
    return records;
  }

  #sell(records: RawRecord[]): void {
    const isNew = this.#customers === 0 || this.#chance(SHARES.newCustomer);
    const customer = isNew ? ++this.#customers : 1 + this.#below(this.#customers);
    const id = this.#orders.length + 1;
    const items = Array.from({ length: 1 + this.#below(3) }, () => {
      const [product, quantity] = [this.#product(), 1 + this.#below(3)];
      return { id: ++this.#items, product, quantity, price: `${5 + (product % 90)}.90` };
    });
    const cents = items.reduce(
      (sum, { price, quantity }) => sum + Number(price) * 100 * quantity,
      0,
    );
    const amount = (Math.round(cents) / 100).toFixed(2);
    const order = { id, customer, amount, createdUs: this.#nowMs * 1000, status: 'new', items };
    this.#orders.push(order);
    this.#send('c', 'orders', id, rowOf(order), records);
    for (const item of items) this.#send('c', 'order_items', item.id, itemOf(order, item), records);
    this.#later(order);
  }

  #moveOn(order: Order, records: RawRecord[]): void {
    const next = order.status === 'new' ? 'paid' : 'shipped';
    this.#change(order, next, records);
    if (next === 'paid') this.#later(order);
  }

  #later(order: Order): void {
    const at = this.#orders.length + 1 + this.#below(CHANGED_AFTER_ORDERS);
    this.#due.set(at, [...(this.#due.get(at) ?? []), order]);
  }

  #change(order: Order, status: string, records: RawRecord[]): void {
    if (order.status === 'deleted') return;
    order.status = status;
    this.#send('u', 'orders', order.id, rowOf(order), records);
  }

  #remove(order: Order, records: RawRecord[]): void {
    if (order.status === 'deleted') return;
    this.#send('d', 'orders', order.id, rowOf(order), records);
    for (const item of order.items) {
      this.#send('d', 'order_items', item.id, itemOf(order, item), records);
    }
    order.status = 'deleted';
  }

  #send(op: string, table: string, id: number, row: object, records: RawRecord[]): void {
    this.#lsn += 56;
    const key = JSON.stringify({ id });
    const source = {
      ...{ version: '3.3.2.Final', connector: 'postgresql', name: 'shop', ts_ms: this.#nowMs },
      ...{ snapshot: 'false', db: 'shop', schema: 'public', table, txId: id, lsn: this.#lsn },
    };
    const [before, after] = op === 'd' ? [row, null] : [null, row];
    const value = JSON.stringify({ before, after, source, op, ts_ms: this.#nowMs + 5 });
    records.push(this.#record(table, id, key, value));
    if (op === 'd') records.push(this.#record(table, id, key, null));
  }

  #record(table: string, id: number, key: string, value: string | null): RawRecord {
    const topic = table === 'orders' ? TOPICS.orders : TOPICS.items;
    const partition = Math.imul(id, 2_654_435_761) >>> (16 % 16);
    const at = (partition >>> 0) % PARTITIONS;
    const name = `${topic} ${at}`;
    const offset = this.#offsets.get(name) ?? 0n;
    this.#offsets.set(name, offset + 1n);
    return { topic, partition: at, offset, timestamp: this.#nowMs, key, value, headers: [] };
  }

  #product(): number {
    const at = this.#random() * (this.#weights.at(-1) ?? 1);
    let [low, high] = [0, PRODUCTS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#weights[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  }

  #anyOrder(): Order {
    const order = this.#orders[this.#below(this.#orders.length)];
    if (!order) throw new RangeError('The shop has sold nothing yet.');
    return order;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function rowOf({ id, customer, amount, status, createdUs }: Order): object {
  return { id, customer_id: customer, total_amount: amount, status, created_at: createdUs };
}

function itemOf({ id: orderId }: Order, { id, product, quantity, price }: Order['items'][number]) {
  return { id, order_id: orderId, product_id: product, quantity, price };
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
