// Kafka → rows. Takes Lambda's event of the `auction_outcomes` topic, which may hold several partitions;
// each is one transaction, and they do not wait for each other. A poison record is quarantined and the
// batch goes on; any other error fails the batch, so that Kafka delivers it again.
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { makeRecordOutcomes } from '../outcomes/record-outcomes.ts';
import { lazily } from '../platform/lazily.ts';
import { makePostgres } from '../platform/postgres.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

const CONNECTIONS_MAX = 4;

const { env } = process;
const { logger, metrics } = makeTelemetry('record-outcomes', env);
const sql = makePostgres(env, {
  functionName: 'record-outcomes',
  connectionsMax: CONNECTIONS_MAX,
});
const openQuarantine = (bucket: string) =>
  lazily(async () => {
    const [{ makeQuarantineStore }, { makeS3Client }] = await Promise.all([
      import('../kafka/quarantine-store.ts'),
      import('../platform/aws.ts'),
    ]);
    return makeQuarantineStore(makeS3Client(), bucket);
  });
const recordOutcomes = makeRecordOutcomes({ env, sql, openQuarantine, logger, metrics });

export const handler = middy(recordOutcomes).use(logMetrics(metrics));
