// A report run among more and more customers, with as much to merge: what it costs must not grow with them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openStores } from '../../local/stores/open-stores.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { type Figure, figureOf, median, ownProcessor } from '../measure.ts';
import { deliver } from './deliver.ts';
import { MeteredFunctions } from './metered.ts';

const CUSTOMERS = [10_000, 100_000, 1_000_000] as const;
/** So many orders are in memory at once. */
const MADE_AT_ONCE = 50_000;
const TOUCHED = 1_000;
const RUNS = 9;
/** A run within the second of another one waits, and asks again. */
const APART_MS = 1_100;
const TOPIC = 'shop.public.orders';

export async function* measureFlatness(): AsyncGenerator<Figure> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-flat-'));
  const stores = await openStores(dataDir, { command: 'replay', env: {} });
  try {
    const metered = new MeteredFunctions(stores);
    let [orders, made] = [0, 0];
    const order = async (firstCustomer: number, count: number) => {
      await deliver(metered.invoke, ordersOf(orders, count, firstCustomer), 10_000);
      orders += count;
    };
    let first: number | undefined;
    for (const customers of CUSTOMERS) {
      while (made < customers) {
        const count = Math.min(MADE_AT_ONCE, customers - made);
        await order(made + 1, count);
        made += count;
      }
      await metered.report();
      const runs: Run[] = [];
      for (let run = 0; run < RUNS; run++) {
        await order(1, TOUCHED);
        await setTimeout(APART_MS);
        runs.push(await measureRun(metered));
      }
      const { milliseconds, units, requests } = medians(runs);
      first ??= requests;
      const name = `processor of a report run among ${customers.toLocaleString('en-US')} customers`;
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

interface Run {
  readonly milliseconds: number;
  readonly units: number;
  readonly requests: number;
}

async function measureRun(metered: MeteredFunctions): Promise<Run> {
  const before = metered.spent;
  const started = ownProcessor();
  await metered.report();
  return { milliseconds: (ownProcessor() - started) / 1_000, ...metered.since(before) };
}

function medians(runs: readonly Run[]): Run {
  const of = (name: keyof Run) => median(runs.map((run) => run[name]));
  return { milliseconds: of('milliseconds'), units: of('units'), requests: of('requests') };
}

/** An order each of neighbouring customers. */
function ordersOf(before: number, count: number, firstCustomer: number): RawRecord[] {
  return Array.from({ length: count }, (_, at): RawRecord => {
    const id = before + at + 1;
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
