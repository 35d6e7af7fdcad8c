// What an event costs in DynamoDB by how many of its partition come in one batch, and what a merge costs by how many
// events it merges: the figures that `npm run costs` counts with (operate/costs/measured.ts).
import { AGGREGATES_TABLE } from '../../functions/contracts.ts';
import type { Stores } from '../../local/stores/open-stores.ts';
import { type Figure, figureOf, ownProcessor } from '../measure.ts';
import { deliver } from './deliver.ts';
import { MeteredFunctions } from './metered.ts';
import { PARTITIONS, Shop } from './shop.ts';

/** Records a batch, events a merge, merges. */
const COURSES = [
  [1, 300, 4],
  [10, 3_000, 2],
  [100, 30_000, 2],
  [1_000, 150_000, 2],
  [10_000, 150_000, 1],
] as const;
/** Rows that are there already, so that rows have neighbours. */
const BEFORE = 3_000;
const WRITES = ['PutItemCommand', 'BatchWriteItemCommand', 'UpdateItemCommand'];

class Capacity {
  readonly spent = { writes: 0, reads: 0, requests: 0, segments: 0 };

  constructor({ dynamodb }: Pick<Stores, 'dynamodb'>) {
    dynamodb.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const input = args.input as Record<string, unknown>;
          const answer = await next({
            ...args,
            input: { ...input, ReturnConsumedCapacity: 'TOTAL' } as never,
          });
          this.#note(commandName, input, answer.output);
          return answer;
        },
      { step: 'initialize', priority: 'low' },
    );
  }

  since(before: Capacity['spent']): Capacity['spent'] {
    const { writes, reads, requests, segments } = this.spent;
    return {
      writes: writes - before.writes,
      reads: reads - before.reads,
      requests: requests - before.requests,
      segments: segments - before.segments,
    };
  }

  #note(command: string, input: Record<string, unknown>, output: object): void {
    const { ConsumedCapacity = [] } = output as { ConsumedCapacity?: unknown };
    const used = [ConsumedCapacity].flat() as { CapacityUnits?: number }[];
    const units = used.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    this.spent.requests += 1;
    if (!WRITES.includes(command)) this.spent.reads += units;
    else {
      this.spent.writes += units;
      if (isSegment(input)) this.spent.segments += units;
    }
  }
}

function isSegment({ Item = {} }: { Item?: unknown }): boolean {
  const { [AGGREGATES_TABLE.partitionKey]: place, [AGGREGATES_TABLE.sortKey]: name } =
    Item as Record<string, { S?: string }>;
  return place?.S?.startsWith('segment#') === true && /^\d/.test(name?.S ?? '');
}

export async function* measureBatches(
  withStores: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>,
): AsyncGenerator<Figure> {
  for (const [batchSize, events, merges] of COURSES) {
    yield* await withStores((stores) => measureCourse(stores, batchSize, events, merges));
  }
}

async function measureCourse(stores: Stores, batchSize: number, events: number, merges: number) {
  const capacity = new Capacity(stores);
  const metered = new MeteredFunctions(stores);
  const shop = new Shop(1);
  await deliver(metered.invoke, shop.trade(BEFORE), BEFORE);
  await metered.report();
  const total = { count: 0, writes: 0, reads: 0, requests: 0, segments: 0 };
  const merged = { writes: 0, reads: 0, requests: 0, processor: 0 };
  for (let merge = 0; merge < merges; merge += 1) {
    const records = shop.trade(events);
    const before = { ...capacity.spent };
    await deliver(metered.invoke, records, batchSize);
    const ingested = capacity.since(before);
    const between = { ...capacity.spent };
    const started = ownProcessor();
    await metered.report();
    merged.processor += (ownProcessor() - started) / 1e6;
    const ofMerge = capacity.since(between);
    total.count += records.length;
    for (const key of ['writes', 'reads', 'requests', 'segments'] as const)
      total[key] += ingested[key];
    for (const key of ['writes', 'reads', 'requests'] as const) merged[key] += ofMerge[key];
  }
  const together = Math.max(1, batchSize / PARTITIONS);
  const name = (what: string) => `${together.toFixed(1)} events of a partition a batch: ${what}`;
  const figure = (what: string, ours: number) =>
    figureOf({ name: what, unit: '', ours, beside: '' });
  return [
    ...(['writes', 'reads', 'requests', 'segments'] as const).map((key) =>
      figure(name(`${key} of 1,000`), (1_000 * total[key]) / total.count),
    ),
    ...(['writes', 'reads', 'requests', 'processor'] as const).map((key) =>
      figure(`merge of ${events} events: ${key}`, merged[key] / merges),
    ),
  ];
}
