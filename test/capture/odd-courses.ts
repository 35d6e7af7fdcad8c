// Courses of small captures with one oddity each. Not all of them can be answered as SQL does: what
// the source knows is then not in the records at all, or not in a fixed order.
import type { CaptureRun } from './capture-run.ts';

const LONG_STATUS_LENGTH = 2_100;

/** Values beyond some 2 KB are stored aside, and an update that leaves them alone does not carry
 *  them: Debezium sends its placeholder instead. */
export async function leaveToastUnchanged(run: CaptureRun): Promise<void> {
  const { source } = run;
  await source.sql.unsafe(`
    alter table orders alter status type text;
    alter table orders alter status set storage external`);
  const kept = await source.insertOrder({ status: longStatus('a'), total_amount: '1.50' });
  await run.startConnector();
  const streamed = await source.insertOrder({ status: longStatus('b'), total_amount: '2.50' });
  await source.updateOrder(kept, { total_amount: '3.50' });
  await source.updateOrder(streamed, { customer_id: 2 });
  await source.updateOrder(streamed, { status: longStatus('c') });
  await source.updateOrder(streamed, { total_amount: '4.50' });
}

/** The row under its new key has the placeholder where only the old key's row has the value. */
export async function renameWithToast(run: CaptureRun): Promise<void> {
  await leaveToastUnchanged(run);
  const orderId = Math.max(...run.source.orders);
  await run.source.updateOrder(orderId, { id: orderId + 50_000 });
}

export async function writeFarDates(run: CaptureRun): Promise<void> {
  await run.startConnector();
  const times = [
    'infinity',
    '-infinity',
    '0001-01-01 00:00:00',
    '1582-10-10 12:00:00',
    '9999-12-31 23:59:59.999999',
    '0044-03-15 12:00:00 BC',
    '294276-12-31 23:59:59.999999',
  ];
  for (const created_at of times) {
    await run.source.insertOrder({ status: created_at, total_amount: '1.00', created_at });
  }
}

export async function writeNotANumber(run: CaptureRun): Promise<void> {
  await run.startConnector();
  const id = await run.source.insertOrder({ customer_id: 1, total_amount: 'NaN' });
  await run.source.insertItem({ product_id: 1, quantity: 1, price: 'NaN' });
  await run.source.updateOrder(id, { status: 'shipped' });
}

export async function truncateTables(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.source.insertItem({ product_id: 1, quantity: 1, price: '1.00' });
  await run.source.sql`truncate order_items`;
  await run.source.insertItem({ product_id: 1, quantity: 2, price: '2.00' });
  await run.source.sql`truncate orders, order_items`;
  await run.source.insertOrder({ customer_id: 1, total_amount: '3.00' });
}

/** The converter shows a column's default where the row holds NULL (replace.null.with.default). */
export async function storeNullWhereDefault(run: CaptureRun): Promise<void> {
  const { source } = run;
  await source.sql.unsafe(`
    alter table orders alter status set default 'pending', alter total_amount set default 7.50,
      alter created_at set default current_timestamp, alter customer_id set default 1;
    alter table order_items alter quantity set default 1`);
  await run.startConnector();
  const nothing = { customer_id: null, total_amount: null, status: null, created_at: null };
  const id = await source.insertOrder(nothing);
  await source.updateOrder(id, { customer_id: 2 });
  await source.insertItem({ product_id: 1, quantity: null, price: '1.00' });
  await source.deleteOrder(await source.insertOrder({ customer_id: 3, total_amount: '3.00' }));
}

function longStatus(letter: string): string {
  return letter.repeat(LONG_STATUS_LENGTH);
}
