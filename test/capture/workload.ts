// The everyday part of the workload: rows that are there before the snapshot, and random changes.
import type { ItemRow, OrderRow, Source } from './source.ts';

export interface WorkloadSize {
  /** Orders before the snapshot; as many items. */
  rowsBefore: number;
  customers: number;
  products: number;
  /** Random changes after each situation. */
  randomChanges: number;
}

const STATUSES = ['pending', 'processing', 'shipped', 'delivered', 'cancelled'] as const;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAYS = 20;
const DAY_MS = 86_400_000;

export async function insertRowsBefore(source: Source, size: WorkloadSize): Promise<void> {
  await source.sql`insert into products (name) values ('there before the snapshot')`;
  for (let index = 0; index < size.rowsBefore; index += 1) {
    // Every customer and product in turn, so that there are as many as the size says.
    const customer_id = 1 + (index % size.customers);
    const product_id = 1 + (index % size.products);
    const order_id = await source.insertOrder({ ...randomOrder(source, size), customer_id });
    await source.insertItem({ ...randomItem(source, size, order_id), product_id });
  }
}

export async function changeAtRandom(source: Source, size: WorkloadSize): Promise<void> {
  for (let index = 0; index < size.randomChanges; index += 1) {
    await source.random.pick(CHANGES)(source, size);
  }
}

type Change = (source: Source, size: WorkloadSize) => Promise<void>;

const insertOrderWithItems: Change = async (source, size) => {
  await source.sql.begin(async (sql) => {
    const orderId = await source.insertOrder(randomOrder(source, size), sql);
    const itemCount = source.random.integer(1, 3);
    for (let index = 0; index < itemCount; index += 1) {
      await source.insertItem(randomItem(source, size, orderId), sql);
    }
  });
};

const changeStatus: Change = async (source) => {
  const status = source.random.pick(STATUSES);
  await source.updateOrder(source.anyOrder(), { status, updated_at: randomTime(source) });
};

const changeAmount: Change = async (source) => {
  await source.updateOrder(source.anyOrder(), { total_amount: randomAmount(source) });
};

const changeCustomer: Change = async (source, size) => {
  const customer_id = source.random.integer(1, size.customers);
  await source.updateOrder(source.anyOrder(), { customer_id });
};

const moveToAnotherDay: Change = async (source) => {
  await source.updateOrder(source.anyOrder(), { created_at: randomTime(source) });
};

const changeItem: Change = async (source, size) => {
  const { product_id, quantity, price } = randomItem(source, size, 0);
  const changes = [{ product_id }, { quantity }, { price }, { product_id, quantity, price }];
  await source.updateItem(source.anyItem(), source.random.pick(changes) as ItemRow);
};

const deleteItem: Change = async (source) => {
  await source.deleteItem(source.anyItem());
};

const deleteOrder: Change = async (source) => {
  await source.deleteOrder(source.anyOrder());
};

// What happens often stands here several times.
const CHANGES: readonly Change[] = [
  insertOrderWithItems,
  insertOrderWithItems,
  changeStatus,
  changeStatus,
  changeAmount,
  changeCustomer,
  moveToAnotherDay,
  changeItem,
  changeItem,
  deleteItem,
  deleteOrder,
];

export function randomOrder(source: Source, size: WorkloadSize): OrderRow {
  const created_at = randomTime(source);
  return {
    customer_id: source.random.integer(1, size.customers),
    total_amount: randomAmount(source),
    status: source.random.pick(STATUSES),
    created_at,
    updated_at: created_at,
  };
}

export function randomItem(source: Source, size: WorkloadSize, order_id: number): ItemRow {
  return {
    order_id,
    product_id: source.random.integer(1, size.products),
    quantity: source.random.integer(1, 9),
    price: randomAmount(source),
    created_at: randomTime(source),
  };
}

function randomAmount({ random }: Source): string {
  return `${random.integer(0, 900)}.${String(random.integer(0, 99)).padStart(2, '0')}`;
}

/** Microseconds are kept: JavaScript dates would end at milliseconds. */
function randomTime({ random }: Source): string {
  const millis = FIRST_DAY + random.integer(0, DAYS * DAY_MS - 1);
  const micros = String(random.integer(0, 999)).padStart(3, '0');
  return new Date(millis).toISOString().replace('T', ' ').replace('Z', micros);
}
