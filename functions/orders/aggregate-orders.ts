// Kafka → segments, for any host. Takes Lambda's event of the `orders` and `order_items` topics, which may
// hold several partitions; they do not wait for each other. A poison record is quarantined and the batch
// goes on; an error that is not understood fails the batch, so that Kafka delivers it again.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV } from '../contracts.ts';
import { type BatchCounts, measureCounts, sumCounts } from '../kafka/batch-counts.ts';
import { makeQuarantineStore } from '../kafka/quarantine-store.ts';
import { readPartitionBatches } from '../kafka/records.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import { allSettledOrThrow } from '../platform/settle.ts';
import { aggregatePartition } from './aggregate.ts';
import { makeDecode } from './debezium/decode.ts';
import { readDecodeOptions } from './debezium/options.ts';
import type { OrdersHost } from './host.ts';
import { makePageStore } from './pages/page-store.ts';
import { makeSegmentStore } from './segments/segment-store.ts';
import { makeFormStore } from './table/form-store.ts';
import { makeTable } from './table/table-store.ts';

interface AppliedBatch extends BatchCounts {
  readonly batchItemFailures: [];
  readonly write_units: number;
}

export interface AggregateLimits {
  readonly segmentBytesMax?: number;
  readonly rowsAPageMax?: number;
}

export function makeAggregateOrders(
  host: OrdersHost,
  { rowsAPageMax, ...limits }: AggregateLimits = {},
): (event: unknown) => Promise<AppliedBatch> {
  const { env, now, logger, metrics } = host;
  const table = makeTable(host.dynamoDb, requiredSetting(env, ENV.aggregatesTable), host.sleep);
  const span = env[ENV.pageSpan]
    ? integerSetting(env, ENV.pageSpan, DEFAULTS.pageSpan, { min: 1, max: 100_000 })
    : undefined;
  const form = makeFormStore(table, span, DEFAULTS.pageSpan);
  const ports = {
    decode: makeDecode(readDecodeOptions(env)),
    segments: makeSegmentStore(table),
    quarantine: makeQuarantineStore(host.s3, requiredSetting(env, ENV.bucket)),
    streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[A-Za-z0-9_-]{1,32}$/),
    now,
    ...limits,
  };

  return async (event) => {
    const unitsBefore = table.writeUnits;
    const batches = readPartitionBatches(event);
    const pages = makePageStore(table, await form.span(), now, rowsAPageMax);
    let known: ReturnType<typeof ports.segments.streams> | undefined;
    const streams = () => {
      known ??= ports.segments.streams();
      return known;
    };
    const counts = await allSettledOrThrow(
      batches.map((batch) => aggregatePartition(batch, { ...ports, pages, streams })),
    );
    const total = { ...sumCounts(counts), write_units: table.writeUnits - unitsBefore };
    measureCounts(metrics, total);
    metrics.addMetric('WriteUnits', MetricUnit.Count, total.write_units);
    logger.info('batch', { partitions: batches.length, ...total });
    return { batchItemFailures: [], ...total };
  };
}
