// The orders' half: what an event costs in DynamoDB's write units, in requests and in processor time, through the
// built bundles and the embedded stores, report runs included.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Functions, hostFunctions, surroundingsOf } from '../../local/functions.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { type Figure, figureOf, ownProcessor } from '../measure.ts';
import { Shop } from './shop.ts';

export interface OrdersOptions {
  readonly events: number;
  readonly batchSize: number;
}

const REPORT_EVERY = 30_000;
const LIMITS = { units: 0.3, oldUnits: 1.2, requests: 0.25, eventsASecond: 5_000 } as const;

export async function* benchOrders({ events, batchSize }: OrdersOptions): AsyncGenerator<Figure> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-orders-'));
  const stores = await openStores(dataDir, { command: 'replay', env: {} });
  const functions = await hostFunctions(surroundingsOf(stores, {}));
  const meter = new Meter(functions);
  try {
    const shop = new Shop(1);
    await meter.deliver(shop.trade(REPORT_EVERY), batchSize);
    await meter.report();
    const before = meter.read();
    const started = ownProcessor();
    let count = 0;
    let trading = 0;
    while (count < events) {
      const making = ownProcessor();
      const records = shop.trade(REPORT_EVERY);
      trading += ownProcessor() - making;
      count += records.length;
      await meter.deliver(records, batchSize);
      await meter.report();
    }
    const processorUs = ownProcessor() - started - trading;
    const spent = meter.read().units - before.units;
    yield absolute('write units an event, merges included', spent / count, LIMITS.units);
    yield absolute(
      'µs of processor an event, stores included',
      processorUs / count,
      1e6 / LIMITS.eventsASecond,
    );
    const atOld = meter.read();
    const old = shop.changeOld(REPORT_EVERY / 10);
    await meter.deliver(old, batchSize);
    yield absolute(
      'write units a status change of any old row',
      (meter.read().units - atOld.units) / old.length,
      LIMITS.oldUnits,
    );
  } finally {
    await functions.close();
    await stores.close();
    await rm(dataDir, { recursive: true });
  }
}

function absolute(name: string, ours: number, limit: number): Figure {
  return figureOf({ name, unit: '', ours, beside: '', limit });
}

class Meter {
  readonly #functions: Functions;
  #units = 0;

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  read() {
    return { units: this.#units };
  }

  async deliver(records: readonly RawRecord[], batchSize: number): Promise<void> {
    const mapping = new EventSourceMapping({
      invoke: async (name, event) => {
        const answer = await this.#functions.invoke(name, event);
        this.#units += JSON.parse(answer).write_units;
        return answer;
      },
      batchSize,
      routes: routeTopics(OUTCOMES_TOPIC),
      attemptsMax: 1,
      onRetry: (failure) => process.stderr.write(`${failure}\n`),
      onDelivered: () => {},
    });
    for (const record of records) await mapping.push(record);
    await mapping.flush();
  }

  async report(): Promise<void> {
    const answer = JSON.parse(await this.#functions.invoke('materialize-reports', '{}'));
    this.#units += answer.write_units ?? 0;
  }
}
