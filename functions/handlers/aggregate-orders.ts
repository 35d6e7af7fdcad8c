// Kafka → aggregates. Takes Lambda's event of the `orders` and `order_items` topics, which may hold
// several partitions; they do not wait for each other. A poison record is quarantined and the batch
// goes on; an error that is not understood fails the batch, so that Kafka delivers it again.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { DEFAULTS, ENV } from '../contracts.ts';
import { type BatchCounts, measureCounts, sumCounts } from '../kafka/batch-counts.ts';
import { makeQuarantineStore } from '../kafka/quarantine-store.ts';
import { readPartitionBatches } from '../kafka/records.ts';
import { aggregatePartition } from '../orders/aggregate.ts';
import { makeDecode } from '../orders/debezium/decode.ts';
import { makeAggregateStore } from '../orders/store/aggregate-store.ts';
import { makeRankings } from '../orders/store/rankings.ts';
import { makeTable } from '../orders/store/table-store.ts';
import { makeDynamoDbClient, makeS3Client } from '../platform/aws.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import { allSettledOrThrow } from '../platform/settle.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

const { env } = process;
const now = () => Date.now();
const { logger, metrics } = makeTelemetry('aggregate-orders', env);
const table = makeTable(makeDynamoDbClient(), requiredSetting(env, ENV.aggregatesTable));
const ports = {
  decode: makeDecode({
    decimalScale: integerSetting(env, ENV.decimalScale, DEFAULTS.decimalScale, { min: 0, max: 10 }),
  }),
  aggregates: makeAggregateStore({ table, rankings: makeRankings(table, now), now }),
  quarantine: makeQuarantineStore(makeS3Client(), requiredSetting(env, ENV.bucket)),
  streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[A-Za-z0-9_-]{1,32}$/),
};

async function aggregateOrders(event: unknown) {
  const unitsBefore = table.writeUnits;
  const batches = readPartitionBatches(event);
  const counts = await allSettledOrThrow(batches.map((batch) => aggregatePartition(batch, ports)));
  const total = { ...sumCounts(counts), write_units: table.writeUnits - unitsBefore };
  report(total, batches.length);
  return { batchItemFailures: [], ...total };
}

function report(total: BatchCounts & { write_units: number }, partitions: number): void {
  measureCounts(metrics, total);
  metrics.addMetric('WriteUnits', MetricUnit.Count, total.write_units);
  logger.info('batch', { partitions, ...total });
}

export const handler = middy(aggregateOrders).use(logMetrics(metrics));
