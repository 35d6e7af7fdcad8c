// Aggregates → reports, for any host. Takes any event (the schedule's); writes the five documents of one
// moment.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV } from '../contracts.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import type { OrdersHost } from './host.ts';
import { assertNoNegativeCount, BrokenInvariantError } from './reports/figures.ts';
import { renderReports } from './reports/render.ts';
import { makeReportStore } from './reports/report-store.ts';
import { makeFiguresStore } from './store/figures-store.ts';
import { RANKING_LIMITS, type RankingLimits, RankingReader } from './store/ranking-reader.ts';
import { makeTable } from './store/table-store.ts';

export interface WrittenReports {
  readonly generated_at: string;
  readonly keys: string[];
}

export function makeMaterializeReports(
  host: OrdersHost,
  rankingLimits: RankingLimits = RANKING_LIMITS,
): () => Promise<WrittenReports> {
  const { env, now, logger, metrics } = host;
  const topN = integerSetting(env, ENV.topN, DEFAULTS.topN, { min: 1, max: 1_000 });
  const table = makeTable(host.dynamoDb, requiredSetting(env, ENV.aggregatesTable), host.sleep);
  const figures = makeFiguresStore(table, new RankingReader(table, now, rankingLimits));
  const reports = makeReportStore(
    host.s3,
    requiredSetting(env, ENV.bucket),
    textSetting(env, ENV.reportPrefix, DEFAULTS.reportPrefix, /^[\w.-]+(\/[\w.-]+)*$/),
  );

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

  return async () => {
    const generatedAt = new Date(now()).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
    const current = await figures.read(topN);
    refuseNegativeCounts(() => assertNoNegativeCount(current));
    const stamp = generatedAt.replaceAll(/[-:]/g, '').replace('T', '_');
    const keys = await reports.put(renderReports(current, generatedAt), stamp);
    metrics.addMetric('ReportsWritten', MetricUnit.Count, keys.length);
    logger.info('reports', { generated_at: generatedAt, days: current.days.length });
    return { generated_at: generatedAt, keys };
  };
}
