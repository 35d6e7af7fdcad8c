// A little shop whose database rows change the way real ones do. Same seed and clock readings, same
// changes; all that it goes on from is in its state. No clock, no files.
import { type RandomState, random, randomBelow } from './random.ts';

export interface OrderRow {
  readonly id: number;
  readonly customer_id: number;
  readonly total_cents: number;
  readonly status: string;
  readonly created_at_us: number;
  readonly updated_at_us: number;
}

export interface ItemRow {
  readonly id: number;
  readonly order_id: number;
  readonly product_id: number;
  readonly quantity: number;
  readonly price_cents: number;
  readonly created_at_us: number;
}

export type RowChange =
  | { readonly table: 'orders'; readonly before: OrderRow | null; readonly after: OrderRow | null }
  | {
      readonly table: 'order_items';
      readonly before: ItemRow | null;
      readonly after: ItemRow | null;
    };

interface Purchase {
  readonly order: OrderRow;
  readonly items: readonly ItemRow[];
}

export interface Shop extends RandomState {
  transactions: number;
  nextOrderId: number;
  nextItemId: number;
  /** The orders that may still change. Those that are done leave, so the state stays small. */
  open: Purchase[];
}

const OPEN_ORDERS_MAX = 60;
const PRODUCTS = 80;
const FIRST_CUSTOMERS = 120;
const NEXT_STATUS: Readonly<Record<string, string>> = {
  pending: 'processing',
  processing: 'completed',
};

export function openShop(seed: number): Shop {
  return { random: seed | 0, transactions: 0, nextOrderId: 1, nextItemId: 1, open: [] };
}

/** The row changes of the next transaction, in the order in which the database writes them. */
export function nextTransaction(shop: Shop, nowUs: number): RowChange[] {
  shop.transactions += 1;
  const choice = random(shop);
  if (shop.open.length === 0 || (choice < 0.42 && shop.open.length < OPEN_ORDERS_MAX)) {
    return placeOrder(shop, nowUs);
  }
  const [purchase] = shop.open.splice(randomBelow(shop, shop.open.length), 1);
  if (!purchase) throw new RangeError('An open order was expected.');
  if (choice < 0.82) return advance(shop, purchase, nowUs);
  if (choice < 0.95) return changeQuantity(shop, purchase, nowUs);
  return deleteOrder(purchase);
}

function placeOrder(shop: Shop, nowUs: number): RowChange[] {
  const id = shop.nextOrderId++;
  const count = 1 + randomBelow(shop, 4);
  const items = Array.from({ length: count }, () => pickItem(shop, id, nowUs));
  // The shop wins a new customer now and then, and the first ones keep coming back.
  const customers = FIRST_CUSTOMERS + Math.floor(id / 4);
  const customer_id = 1001 + Math.floor(random(shop) ** 2 * customers);
  const times = { created_at_us: nowUs, updated_at_us: nowUs };
  const order = { id, customer_id, total_cents: totalOf(items), status: 'pending', ...times };
  shop.open.push({ order, items });
  return [insert('orders', order), ...items.map((item) => insert('order_items', item))];
}

function pickItem(shop: Shop, order_id: number, nowUs: number): ItemRow {
  const product_id = 1 + Math.floor(random(shop) ** 1.6 * PRODUCTS);
  const quantity = 1 + randomBelow(shop, 3);
  const price_cents = 499 + ((product_id * 7919) % 24_000);
  const id = shop.nextItemId++;
  return { id, order_id, product_id, quantity, price_cents, created_at_us: nowUs };
}

function advance(shop: Shop, { order, items }: Purchase, nowUs: number): RowChange[] {
  const cancelled = random(shop) < 0.1;
  const status = cancelled ? 'cancelled' : (NEXT_STATUS[order.status] ?? 'completed');
  const after = { ...order, status, updated_at_us: nowUs };
  if (status === 'processing') shop.open.push({ order: after, items });
  return [{ table: 'orders', before: order, after }];
}

function changeQuantity(shop: Shop, { order, items }: Purchase, nowUs: number): RowChange[] {
  const index = randomBelow(shop, items.length);
  const before = items[index];
  if (!before) throw new RangeError('An order has items.');
  const quantity = 1 + (before.quantity % 5);
  const after = { ...before, quantity };
  const changed = items.with(index, after);
  const orderAfter = { ...order, total_cents: totalOf(changed), updated_at_us: nowUs };
  shop.open.push({ order: orderAfter, items: changed });
  return [
    { table: 'order_items', before, after },
    { table: 'orders', before: order, after: orderAfter },
  ];
}

function deleteOrder({ order, items }: Purchase): RowChange[] {
  const deletions = items.map((item): RowChange => {
    return { table: 'order_items', before: item, after: null };
  });
  return [...deletions, { table: 'orders', before: order, after: null }];
}

function insert(table: 'orders', after: OrderRow): RowChange;
function insert(table: 'order_items', after: ItemRow): RowChange;
function insert(table: string, after: object): object {
  return { table, before: null, after };
}

function totalOf(items: readonly ItemRow[]): number {
  return items.reduce((sum, item) => sum + item.quantity * item.price_cents, 0);
}
