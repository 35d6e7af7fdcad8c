// What the overload tests of the order side share: the sample shop's events in local topics, the functions'
// own parts behind the runner's event source mapping, and what the table must hold in the end.

import { sumCounts } from '../../functions/kafka/batch-counts.ts';
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import type { Table } from '../../functions/orders/table/table-store.ts';
import { allSettledOrThrow } from '../../functions/platform/settle.ts';
import { SAMPLE_TOPICS } from '../../local/sample/debezium-event.ts';
import { openShop } from '../../local/sample/shop.ts';
import { emitTransaction } from '../../local/sample/traffic.ts';
import { errorText, FunctionError } from '../../local/shared/function-error.ts';
import { Positions } from '../../local/stream/positions.ts';
import { LocalTopics } from '../../local/stream/topics.ts';
import { NO_QUARANTINE, ordersOver } from '../support/orders.ts';

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
export function makeInvoke(table: Table, quarantine: QuarantineStore = NO_QUARANTINE) {
  const { aggregate } = ordersOver(table, { quarantine });
  return async (_name: string, event: string): Promise<string> => {
    try {
      const batches = readPartitionBatches(JSON.parse(event));
      const counts = await allSettledOrThrow(batches.map(aggregate));
      return JSON.stringify({ batchItemFailures: [], write_units: 0, ...sumCounts(counts) });
    } catch (error) {
      throw new FunctionError(errorText(error));
    }
  };
}

/** The five reports, as a run would write them now. */
export async function reportsOf(table: Table): Promise<string[]> {
  return (await ordersOver(table).reports()).map(withoutMoment);
}

export function withoutMoment(report: string): string {
  return report.replace(/"generated_at": "[^"]*"/, '').trim();
}

/** The same records one by one, undisturbed: by the fold's laws (I3) the cut makes no difference. */
export async function undisturbed(topics: LocalTopics, table: Table): Promise<void> {
  const { aggregate } = ordersOver(table);
  for (const log of topics.logs) {
    const records = log.read(0n, Number.MAX_SAFE_INTEGER).map(({ headers: _, ...record }) => ({
      ...record,
      key: record.key === null ? null : Buffer.from(record.key),
      value: record.value === null ? null : Buffer.from(record.value),
      headers: [],
    }));
    const { topic, partition } = log;
    if (records.length > 0) await aggregate({ topic, partition, records });
  }
}
