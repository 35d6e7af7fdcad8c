// What the overload tests of the order side share: the sample shop's events in local topics, the functions'
// own parts behind the runner's event source mapping, and what the table must hold in the end.

import { sumCounts } from '../../functions/kafka/batch-counts.ts';
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { aggregatePartition } from '../../functions/orders/aggregate.ts';
import { makeDecode } from '../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../functions/orders/debezium/options.ts';
import { renderReports } from '../../functions/orders/reports/render.ts';
import { makeAggregateStore } from '../../functions/orders/store/aggregate-store.ts';
import { makeFiguresStore } from '../../functions/orders/store/figures-store.ts';
import { RankingReader } from '../../functions/orders/store/ranking-reader.ts';
import { makeRankings } from '../../functions/orders/store/rankings.ts';
import type { Table } from '../../functions/orders/store/table-store.ts';
import { allSettledOrThrow } from '../../functions/platform/settle.ts';
import { FunctionError } from '../../local/lambda/host.ts';
import { errorText } from '../../local/lambda/protocol.ts';
import { SAMPLE_TOPICS } from '../../local/sample/debezium-event.ts';
import { openShop } from '../../local/sample/shop.ts';
import { emitTransaction } from '../../local/sample/traffic.ts';
import { Positions } from '../../local/stream/positions.ts';
import { LocalTopics } from '../../local/stream/topics.ts';

const now = () => 0;
export const NO_QUARANTINE: QuarantineStore = { put: async () => {} };

export async function openTopics(folder: string): Promise<LocalTopics> {
  const positions = await Positions.open(`${folder}/positions.json`);
  return new LocalTopics(`${folder}/topics`, Object.values(SAMPLE_TOPICS), positions);
}

/** At least so many records of the sample shop. */
export function fillTopics(topics: LocalTopics, records: number, seed: number): void {
  const shop = openShop(seed);
  for (let sent = 0; sent < records; ) sent += emitTransaction(shop, topics, 1e15);
}

/** aggregate-orders as the mapping invokes it. */
export function makeInvoke(table: Table, quarantine = NO_QUARANTINE) {
  const decode = makeDecode(readDecodeOptions({}));
  return async (_name: string, event: string): Promise<string> => {
    const aggregates = makeAggregateStore({ table, rankings: makeRankings(table, now), now });
    const ports = { decode, aggregates, quarantine, streamEpoch: '0' };
    try {
      const batches = readPartitionBatches(JSON.parse(event));
      const counts = await allSettledOrThrow(
        batches.map((batch) => aggregatePartition(batch, ports)),
      );
      return JSON.stringify({ batchItemFailures: [], write_units: 0, ...sumCounts(counts) });
    } catch (error) {
      throw new FunctionError(errorText(error));
    }
  };
}

/** The five reports, as a run would write them now. */
export async function reportsOf(table: Table): Promise<string[]> {
  const figures = await makeFiguresStore(table, new RankingReader(table, now)).read(100);
  return [...renderReports(figures, '').values()].map(withoutMoment);
}

export function withoutMoment(report: string): string {
  return report.replace(/"generated_at": "[^"]*"/, '').trim();
}

/** The same records one by one, undisturbed: by the fold's laws (I3) the cut makes no difference. */
export async function undisturbed(topics: LocalTopics, table: Table): Promise<void> {
  const decode = makeDecode(readDecodeOptions({}));
  const aggregates = makeAggregateStore({ table, rankings: makeRankings(table, now), now });
  for (const log of topics.logs) {
    const records = log.read(0n, Number.MAX_SAFE_INTEGER).map(({ headers: _, ...record }) => ({
      ...record,
      key: record.key === null ? null : Buffer.from(record.key),
      value: record.value === null ? null : Buffer.from(record.value),
      headers: [],
    }));
    const { topic, partition } = log;
    const ports = { decode, aggregates, quarantine: NO_QUARANTINE, streamEpoch: '0' };
    if (records.length > 0) await aggregatePartition({ topic, partition, records }, ports);
  }
}
