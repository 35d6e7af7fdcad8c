// Aggregates → reports. Takes any event (the schedule's); writes the five documents of one moment.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { DEFAULTS, ENV } from '../contracts.ts';
import { assertNoNegativeCount, BrokenInvariantError } from '../orders/reports/figures.ts';
import { renderReports } from '../orders/reports/render.ts';
import { makeReportStore } from '../orders/reports/report-store.ts';
import { makeFiguresStore } from '../orders/store/figures-store.ts';
import { RankingReader } from '../orders/store/ranking-reader.ts';
import { makeTable } from '../orders/store/table-store.ts';
import { makeDynamoDbClient, makeS3Client } from '../platform/aws.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

const { env } = process;
const now = () => Date.now();
const { logger, metrics } = makeTelemetry('materialize-reports', env);
const topN = integerSetting(env, ENV.topN, DEFAULTS.topN, { min: 1, max: 1_000 });
const table = makeTable(makeDynamoDbClient(), requiredSetting(env, ENV.aggregatesTable));
const figures = makeFiguresStore(table, new RankingReader(table, now));
const reports = makeReportStore(
  makeS3Client(),
  requiredSetting(env, ENV.bucket),
  textSetting(env, ENV.reportPrefix, DEFAULTS.reportPrefix, /^[\w.-]+(\/[\w.-]+)*$/),
);

async function materializeReports() {
  const generatedAt = new Date(now()).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  const current = await figures.read(topN);
  refuseNegativeCounts(() => assertNoNegativeCount(current));
  const stamp = generatedAt.replaceAll(/[-:]/g, '').replace('T', '_');
  const keys = await reports.put(renderReports(current, generatedAt), stamp);
  metrics.addMetric('ReportsWritten', MetricUnit.Count, keys.length);
  logger.info('reports', { generated_at: generatedAt, days: current.days.length });
  return { generated_at: generatedAt, keys };
}

/** A wrong report is worse than a late one: the last right one stays, and the metric alarms. */
function refuseNegativeCounts(check: () => void): void {
  try {
    check();
    metrics.addMetric('NegativeCounts', MetricUnit.Count, 0);
  } catch (error) {
    if (error instanceof BrokenInvariantError) {
      metrics.addMetric('NegativeCounts', MetricUnit.Count, 1);
    }
    throw error;
  }
}

export const handler = middy(materializeReports).use(logMetrics(metrics));
