// The hard part of the workload: every situation that a consumer of change events has to get right,
// each once, in a fixed order.
import type { Source } from './source.ts';
import { randomItem, randomOrder, type WorkloadSize } from './workload.ts';

export type Situation = (source: Source, size: WorkloadSize) => Promise<void>;

const BIG_TRANSACTION_ORDERS = 30;

const everyColumnOfAnOrder: Situation = async (source) => {
  const id = source.anyOrder();
  await source.updateOrder(id, { status: 'processing' });
  await source.updateOrder(id, { total_amount: '480.07' });
  await source.updateOrder(id, { customer_id: 3 });
  await source.updateOrder(id, { created_at: '2025-02-03 04:05:06.070809' });
  await source.updateOrder(id, { updated_at: '2025-02-03 04:05:06' });
  await source.updateOrder(id, { status: 'processing' });
};

const everyColumnOfAnItem: Situation = async (source) => {
  const id = source.anyItem();
  await source.updateItem(id, { quantity: 12 });
  await source.updateItem(id, { price: '19.90' });
  await source.updateItem(id, { product_id: 3 });
  await source.updateItem(id, { order_id: source.anyOrder() });
  await source.updateItem(id, { created_at: '2025-02-03 04:05:06.070809' });
};

const nullsInOrders: Situation = async (source, size) => {
  await source.insertOrder({});
  const filled = await source.insertOrder({});
  await source.updateOrder(filled, randomOrder(source, size));
  await source.insertOrder({ customer_id: 2, status: 'pending' });
  const emptied = source.anyOrder();
  await source.updateOrder(emptied, { customer_id: null });
  await source.updateOrder(emptied, { total_amount: null });
  await source.updateOrder(emptied, { status: null });
  await source.updateOrder(emptied, { created_at: null, updated_at: null });
};

const nullsInItems: Situation = async (source, size) => {
  await source.insertItem({});
  const filled = await source.insertItem({});
  await source.updateItem(filled, randomItem(source, size, 1));
  await source.insertItem({ product_id: 2, quantity: 5 });
  const emptied = source.anyItem();
  await source.updateItem(emptied, { quantity: null });
  await source.updateItem(emptied, { price: null });
  await source.updateItem(emptied, { product_id: null, order_id: null, created_at: null });
};

const deletes: Situation = async (source) => {
  const orderId = source.anyOrder();
  await source.sql.begin(async (sql) => {
    await source.deleteItem(source.anyItem(), sql);
    await source.deleteOrder(orderId, sql);
  });
  await source.deleteOrder(await source.insertOrder({}));
  await source.deleteItem(source.anyItem());
};

const sameIdAgain: Situation = async (source, size) => {
  const orderId = source.anyOrder();
  await source.deleteOrder(orderId);
  await source.insertOrder({ ...randomOrder(source, size), id: orderId });
  const itemId = source.anyItem();
  await source.sql.begin(async (sql) => {
    await source.deleteItem(itemId, sql);
    await source.insertItem({ ...randomItem(source, size, orderId), id: itemId }, sql);
  });
};

const changedPrimaryKeys: Situation = async (source) => {
  const orderId = source.anyOrder();
  await source.updateOrder(orderId, { id: orderId + 90_000 });
  await source.updateOrder(orderId + 90_000, { status: 'shipped' });
  await source.updateOrder(orderId + 90_000, { id: orderId, total_amount: '33.33' });
  const moved = source.anyOrder();
  await source.updateOrder(moved, { id: moved + 80_000, customer_id: 4 });
  const itemId = source.anyItem();
  await source.updateItem(itemId, { id: itemId + 90_000, quantity: 7 });
};

const bigTransaction: Situation = async (source, size) => {
  const oldOrder = source.anyOrder();
  await source.sql.begin(async (sql) => {
    const inserted: number[] = [];
    for (let index = 0; index < BIG_TRANSACTION_ORDERS; index += 1) {
      inserted.push(await source.insertOrder(randomOrder(source, size), sql));
    }
    const [changed = 0, deleted = 0, renamed = 0] = inserted;
    await source.updateOrder(changed, { status: 'processing' }, sql);
    await source.updateOrder(changed, { total_amount: '1.01' }, sql);
    await source.updateOrder(changed, { status: 'shipped', total_amount: '2.02' }, sql);
    await source.updateOrder(oldOrder, { total_amount: '3.03' }, sql);
    await source.updateOrder(oldOrder, { total_amount: '4.04', customer_id: 5 }, sql);
    await source.deleteOrder(deleted, sql);
    await source.updateOrder(renamed, { id: renamed + 70_000 }, sql);
    await source.insertItem(randomItem(source, size, changed), sql);
  });
};

const rolledBack: Situation = async (source, size) => {
  const keptOrders = [...source.orders];
  const undo = new Error('roll back');
  const attempt = source.sql.begin(async (sql) => {
    await source.insertOrder(randomOrder(source, size), sql);
    throw undo;
  });
  await attempt.catch((error) => {
    if (error !== undo) throw error;
  });
  source.orders.splice(0, source.orders.length, ...keptOrders);
};

const tiesInRankings: Situation = async (source) => {
  const created_at = '2025-01-05 12:00:00';
  for (const customer_id of [7003, 7001, 7002]) {
    await source.insertOrder({ customer_id, total_amount: '250.00', created_at, status: 'tied' });
  }
  await source.insertItem({ product_id: 7002, quantity: 2, price: '30.00', created_at });
  await source.insertItem({ product_id: 7001, quantity: 3, price: '20.00', created_at });
};

const extremeAmounts: Situation = async (source) => {
  const created_at = '2025-01-06 12:00:00';
  const amounts = ['0', '-15.25', '-0.01', '1.28', '-1.28', '99999999.99', '-99999999.99'];
  for (const [index, total_amount] of amounts.entries()) {
    await source.insertOrder({ customer_id: 8001 + index, total_amount, created_at });
  }
  await source.insertItem({ product_id: 8001, quantity: 2147483647, price: '99999999.99' });
  await source.insertItem({ product_id: 8002, quantity: -3, price: '5.05' });
  await source.insertItem({ product_id: 8003, quantity: 0, price: '9.99' });
};

/** Only where the type has no scale of its own. */
const amountsOfAnyScale: Situation = async (source) => {
  if (source.shape.amountType !== 'numeric') return;
  const amounts = ['5', '-7', '0.000123', '1200', '123456789012345.123456789'];
  for (const [index, total_amount] of amounts.entries()) {
    const id = await source.insertOrder({ customer_id: 8101 + index, total_amount: '0.5' });
    await source.updateOrder(id, { total_amount });
    await source.insertItem({ product_id: 8101 + index, quantity: 3, price: total_amount });
  }
};

const daysAtTheirEdges: Situation = async (source) => {
  const times = [
    '1969-12-31 23:59:59.999999',
    '1970-01-01 00:00:00',
    '1900-03-01 12:34:56.789012',
    '2024-02-29 23:59:59.999999',
    '2024-03-01 00:00:00',
    '2199-12-31 23:59:59.5',
    // The zone counts in a timestamptz column only: there the UTC day is the next one.
    '2025-03-08 23:30:00-05',
    '2025-03-09 00:15:00+05:30',
  ];
  for (const created_at of times) {
    await source.insertOrder({
      customer_id: 6,
      total_amount: '10.10',
      status: 'dated',
      created_at,
    });
  }
};

const unusualStatuses: Situation = async (source) => {
  const statuses = [
    'prêt "à" l\'envoi – 配送済み 🚚',
    'back\\slash, tab\t and newline\n',
    '',
    ' pending ',
    'PENDING',
    'unknown',
    'constructor',
  ];
  for (const status of statuses) {
    await source.insertOrder({ status, total_amount: '5.00', created_at: '2025-01-07 00:00:00' });
  }
};

export const SITUATIONS: readonly Situation[] = [
  everyColumnOfAnOrder,
  everyColumnOfAnItem,
  nullsInOrders,
  nullsInItems,
  deletes,
  sameIdAgain,
  changedPrimaryKeys,
  bigTransaction,
  rolledBack,
  tiesInRankings,
  extremeAmounts,
  amountsOfAnyScale,
  daysAtTheirEdges,
  unusualStatuses,
];
