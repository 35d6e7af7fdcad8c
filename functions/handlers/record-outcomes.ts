// Kafka → rows. Takes Lambda's event of the `auction_outcomes` topic, which may hold several partitions;
// each is one transaction, and they do not wait for each other. A poison record is quarantined and the
// batch goes on; any other error fails the batch, so that Kafka delivers it again.
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { DEFAULTS, ENV } from '../contracts.ts';
import { measureCounts, sumCounts } from '../kafka/batch-counts.ts';
import { makeQuarantineStore } from '../kafka/quarantine-store.ts';
import { readPartitionBatches } from '../kafka/records.ts';
import { recordPartition } from '../outcomes/record/record.ts';
import { makeRecorderStore } from '../outcomes/record/recorder-store.ts';
import { makeS3Client } from '../platform/aws.ts';
import { makePostgres } from '../platform/postgres.ts';
import { requiredSetting, textSetting } from '../platform/settings.ts';
import { allSettledOrThrow } from '../platform/settle.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

const CONNECTIONS_MAX = 4;

const { env } = process;
const { logger, metrics } = makeTelemetry('record-outcomes', env);
const sql = makePostgres(env, {
  functionName: 'record-outcomes',
  connectionsMax: CONNECTIONS_MAX,
});
const ports = {
  outcomes: makeRecorderStore(sql),
  quarantine: makeQuarantineStore(makeS3Client(), requiredSetting(env, ENV.bucket)),
  streamEpoch: textSetting(env, ENV.streamEpoch, DEFAULTS.streamEpoch, /^[A-Za-z0-9_-]{1,32}$/),
  logger,
};

async function recordOutcomes(event: unknown) {
  const batches = readPartitionBatches(event);
  const counts = await allSettledOrThrow(batches.map((batch) => recordPartition(batch, ports)));
  const total = sumCounts(counts);
  measureCounts(metrics, total);
  logger.info('batch', { partitions: batches.length, ...total });
  return { batchItemFailures: [], ...total };
}

export const handler = middy(recordOutcomes).use(logMetrics(metrics));
