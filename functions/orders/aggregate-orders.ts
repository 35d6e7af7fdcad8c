// Kafka → aggregates, for any host. Takes Lambda's event of the `orders` and `order_items` topics, which
// may hold several partitions; they do not wait for each other. A poison record is quarantined and the
// batch goes on; an error that is not understood fails the batch, so that Kafka delivers it again.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV } from '../contracts.ts';
import { type BatchCounts, measureCounts, sumCounts } from '../kafka/batch-counts.ts';
import { makeQuarantineStore } from '../kafka/quarantine-store.ts';
import { readPartitionBatches } from '../kafka/records.ts';
import { requiredSetting, textSetting } from '../platform/settings.ts';
import { allSettledOrThrow } from '../platform/settle.ts';
import { aggregatePartition } from './aggregate.ts';
import { makeDecode } from './debezium/decode.ts';
import { readDecodeOptions } from './debezium/options.ts';
import type { OrdersHost } from './host.ts';
import { makeAggregateStore } from './store/aggregate-store.ts';
import { makeRankings } from './store/rankings.ts';
import { makeTable } from './store/table-store.ts';

interface AppliedBatch extends BatchCounts {
  readonly batchItemFailures: [];
  readonly write_units: number;
}

export function makeAggregateOrders(host: OrdersHost): (event: unknown) => Promise<AppliedBatch> {
  const { env, now, logger, metrics } = host;
  const table = makeTable(host.dynamoDb, requiredSetting(env, ENV.aggregatesTable), host.sleep);
  const ports = {
    decode: makeDecode(readDecodeOptions(env)),
    aggregates: makeAggregateStore({ table, rankings: makeRankings(table, now), now }),
    quarantine: makeQuarantineStore(host.s3, requiredSetting(env, ENV.bucket)),
    streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[A-Za-z0-9_-]{1,32}$/),
  };

  return async (event) => {
    const unitsBefore = table.writeUnits;
    const batches = readPartitionBatches(event);
    const counts = await allSettledOrThrow(
      batches.map((batch) => aggregatePartition(batch, ports)),
    );
    const total = { ...sumCounts(counts), write_units: table.writeUnits - unitsBefore };
    measureCounts(metrics, total);
    metrics.addMetric('WriteUnits', MetricUnit.Count, total.write_units);
    logger.info('batch', { partitions: batches.length, ...total });
    return { batchItemFailures: [], ...total };
  };
}
