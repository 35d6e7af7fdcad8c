// A report run among more and more customers, with as much to merge: what it costs must not grow with them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores } from '../../local/stores/open-stores.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { type Figure, figureOf, timeOf } from '../measure.ts';
import { deliver } from './deliver.ts';
import { MeteredFunctions } from './metered.ts';

const CUSTOMERS = [10_000, 100_000] as const;
const TOUCHED = 1_000;
const TOPIC = 'shop.public.orders';

export async function* measureFlatness(): AsyncGenerator<Figure> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-flat-'));
  const stores = await openStores(dataDir, { command: 'replay', env: {} });
  try {
    const metered = new MeteredFunctions(stores);
    let made = 0;
    let first: number | undefined;
    for (const customers of CUSTOMERS) {
      await deliver(metered.invoke, ordersOf(made, customers - made), 10_000);
      made = customers;
      await metered.report();
      await deliver(metered.invoke, ordersOf(made, TOUCHED, 1), 10_000);
      const before = metered.spent;
      const milliseconds = await timeOf(() => metered.report());
      const { units, requests } = metered.since(before);
      first ??= requests;
      const name = `a report run among ${customers.toLocaleString('en-US')} customers`;
      yield figureOf({ name, unit: 'ms', ours: milliseconds, beside: '' });
      yield figureOf({
        ...{ name: `  its requests (${units} write units)`, unit: '', ours: requests },
        ...{ beside: 'requests among the fewest', theirs: first, limit: 1.5 },
      });
    }
  } finally {
    await stores.close();
    await rm(dataDir, { recursive: true });
  }
}

/** An order each of new customers, or of the first ones again. */
function ordersOf(from: number, count: number, firstCustomer = from + 1): RawRecord[] {
  return Array.from({ length: count }, (_, at): RawRecord => {
    const id = from + at + 1;
    const after = {
      ...{ id, customer_id: firstCustomer + at, total_amount: '10.50', status: 'new' },
      created_at: 1_767_225_600_000_000,
    };
    const source = { schema: 'public', table: 'orders', lsn: id * 56, ts_ms: 1_767_225_600_000 };
    const value = JSON.stringify({ before: null, after, source, op: 'c' });
    return {
      ...{ topic: TOPIC, partition: 0, offset: BigInt(id), timestamp: 1_767_225_600_000 },
      ...{ key: JSON.stringify({ id }), value, headers: [] },
    };
  });
}
