// What record-outcomes does with an event of Lambda's, from the clients that its host gives it.
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV } from '../contracts.ts';
import { type BatchCounts, measureCounts, sumCounts } from '../kafka/batch-counts.ts';
import type { QuarantineStore } from '../kafka/quarantine-store.ts';
import { readPartitionBatches } from '../kafka/records.ts';
import { type Environment, requiredSetting, textSetting } from '../platform/settings.ts';
import { allSettledOrThrow } from '../platform/settle.ts';
import type { Sql } from '../platform/sql-client.ts';
import { recordPartition } from './record/record.ts';
import { makeRecorderStore } from './record/recorder-store.ts';

export interface RecordOutcomesHost {
  readonly env: Environment;
  readonly sql: Sql;
  readonly openQuarantine: (bucket: string) => QuarantineStore;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'addMetric'>;
}

export interface RecordedBatch extends BatchCounts {
  readonly batchItemFailures: readonly never[];
}

/** Settings are read here, once: a wrong one stops the start and not the first batch. */
export function makeRecordOutcomes(host: RecordOutcomesHost) {
  const { env, sql, openQuarantine, logger, metrics } = host;
  const ports = {
    outcomes: makeRecorderStore(sql),
    quarantine: openQuarantine(requiredSetting(env, ENV.bucket)),
    streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[A-Za-z0-9_-]{1,32}$/),
    logger,
  };
  return async (event: unknown): Promise<RecordedBatch> => {
    const batches = readPartitionBatches(event);
    const counts = await allSettledOrThrow(batches.map((batch) => recordPartition(batch, ports)));
    const total = sumCounts(counts);
    measureCounts(metrics, total);
    logger.info('batch', { partitions: batches.length, ...total });
    return { batchItemFailures: [], ...total };
  };
}
