// The orders' half: what an event costs in DynamoDB's write units, in requests and in processor time, through the
// built bundles and the embedded stores, report runs included; what a report run costs among many customers; and
// how fast events are read and folded, beside a loop in Python over the same texts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { type Figure, figureOf, ownProcessor } from '../measure.ts';
import { measureBatches } from './batches.ts';
import { compareDecoding } from './decode.ts';
import { deliver } from './deliver.ts';
import { measureFlatness } from './flatness.ts';
import { measureFlink } from './flink.ts';
import { MeteredFunctions } from './metered.ts';
import { Shop } from './shop.ts';

/** `flink` needs more than this project does: it runs when it is named. */
export const ORDERS_SECTIONS = ['cost', 'batches', 'speed', 'flat', 'decode', 'flink'] as const;
export type OrdersSection = (typeof ORDERS_SECTIONS)[number];

export interface OrdersOptions {
  readonly events: number;
  readonly batchSize: number;
  readonly sections: readonly OrdersSection[];
}

const SPEED = 'processor of an event, stores and reports included';
const REPORT_EVERY = 30_000;
const LIMITS = { units: 0.3, oldUnits: 1.2, requests: 0.25, eventsASecond: 5_000 } as const;

export async function* benchOrders(options: OrdersOptions): AsyncGenerator<Figure> {
  const { sections } = options;
  if (sections.includes('cost')) yield* measureCost(options);
  if (sections.includes('batches')) yield* measureBatches(withStores);
  if (sections.includes('speed')) {
    yield limited(SPEED, await processorOfEvent(options), 1e6 / LIMITS.eventsASecond, 'µs');
  }
  if (sections.includes('flat')) yield* measureFlatness();
  if (sections.includes('decode')) yield* compareDecoding();
  if (sections.includes('flink')) yield* compareFlink(options);
}

async function withStores<T>(work: (stores: Stores) => Promise<T>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-orders-'));
  const stores = await openStores(dataDir, { command: 'replay', env: {} });
  try {
    return await work(stores);
  } finally {
    await stores.close();
    await rm(dataDir, { recursive: true });
  }
}

/** In this process, where requests and units can be counted. */
async function* measureCost({ events, batchSize }: OrdersOptions): AsyncGenerator<Figure> {
  const figures = await withStores(async (stores) => {
    const metered = new MeteredFunctions(stores);
    const shop = new Shop(1);
    await deliver(metered.invoke, shop.trade(REPORT_EVERY), batchSize);
    await metered.report();
    const before = metered.spent;
    let count = 0;
    while (count < events) {
      const records = shop.trade(REPORT_EVERY);
      count += records.length;
      await deliver(metered.invoke, records, batchSize);
      await metered.report();
    }
    const spent = metered.since(before);
    const atOld = metered.spent;
    const old = shop.changeOld(REPORT_EVERY / 10);
    await deliver(metered.invoke, old, batchSize);
    const ofOld = metered.since(atOld);
    return [
      limited('write units an event, merges included', spent.units / count, LIMITS.units),
      limited('requests an event, merges included', spent.requests / count, LIMITS.requests),
      limited('write units of a change of any old row', ofOld.units / old.length, LIMITS.oldUnits),
    ];
  });
  yield* figures;
}

/** In microseconds. */
function processorOfEvent({ events, batchSize }: OrdersOptions): Promise<number> {
  return withStores(async (stores) => {
    const functions = await hostFunctions(surroundingsOf(stores, {}));
    const shop = new Shop(1);
    let [count, making] = [0, 0];
    await deliver(functions.invoke, shop.trade(REPORT_EVERY), batchSize);
    const started = ownProcessor();
    while (count < events) {
      const before = ownProcessor();
      const records = shop.trade(REPORT_EVERY);
      making += ownProcessor() - before;
      count += records.length;
      await deliver(functions.invoke, records, batchSize);
      await functions.invoke('materialize-reports', '{}');
    }
    const spent = ownProcessor() - started - making;
    await functions.close();
    return spent / count;
  });
}

async function* compareFlink(options: OrdersOptions): AsyncGenerator<Figure> {
  const ours = await processorOfEvent(options);
  for (const { state, microseconds } of measureFlink()) {
    const beside = `Flink SQL, state ${state}`;
    yield figureOf({ name: SPEED, unit: 'µs', ours, beside, theirs: microseconds, limit: 1 });
  }
}

function limited(name: string, ours: number, limit: number, unit = ''): Figure {
  return figureOf({ name, unit, ours, beside: '', limit });
}
