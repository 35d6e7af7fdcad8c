// Segments → base → reports, for any host. Takes any event (the schedule's); merges what is there and writes
// the five documents of one plan.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DEFAULTS, ENV } from '../contracts.ts';
import { integerSetting, requiredSetting, textSetting } from '../platform/settings.ts';
import type { OrdersHost } from './host.ts';
import { type BaseStore, makeBaseStore, OvertakenError } from './merge/base-store.ts';
import { type MergePorts, type MergeRun, merge } from './merge/merge.ts';
import { isPaused } from './merge/plan.ts';
import { makePlanStore } from './merge/plan-store.ts';
import { assertNoNegativeCount, BrokenInvariantError, type Figures } from './reports/figures.ts';
import { renderPipeline } from './reports/pipeline.ts';
import { readFigures } from './reports/read-figures.ts';
import { renderReports } from './reports/render.ts';
import { makeReportStore, TAKEN } from './reports/report-store.ts';
import { makeOldSegmentsStore } from './segments/old-segments-store.ts';
import { makeSegmentStore } from './segments/segment-store.ts';
import { makeTable } from './table/table-store.ts';

export interface WrittenReports {
  readonly generated_at: string;
  readonly keys: string[];
}

/** Each time, another run was faster, or had the same second. */
const ATTEMPTS_MAX = 8;
const MS_PER_SECOND = 1_000;

export function makeMaterializeReports(
  host: OrdersHost,
  limits: Pick<MergePorts, 'bytesMax' | 'kept' | 'deleteEvery'> = {},
): () => Promise<WrittenReports> {
  const { env, now, logger, metrics, sleep } = host;
  const topN = integerSetting(env, ENV.topN, DEFAULTS.topN, { min: 1, max: 1_000 });
  const table = makeTable(host.dynamoDb, requiredSetting(env, ENV.aggregatesTable), sleep);
  const segments = makeSegmentStore(table);
  const oldSegments = makeOldSegmentsStore(table);
  const base = makeBaseStore(table, now);
  const ports: MergePorts = {
    plans: makePlanStore(table),
    base,
    segments,
    oldSegments,
    topN,
    now,
    ...limits,
  };
  const reports = makeReportStore(
    host.s3,
    requiredSetting(env, ENV.bucket),
    textSetting(env, ENV.reportPrefix, DEFAULTS.reportPrefix, /^[\w.-]+(\/[\w.-]+)*$/),
  );

  async function write(
    run: MergeRun,
    figures: Figures,
    { startedMs, unitsBefore }: { readonly startedMs: number; readonly unitsBefore: number },
  ) {
    const { plan } = run;
    // While a rebuild pauses the merges, the newest plan is shown again, under a moment of its own.
    const atMs = isPaused(plan, now()) ? now() : plan.atMs;
    const generatedAt = new Date(atMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
    const stamp = { generatedAt, epoch: plan.epoch };
    const keys = await reports.put(renderReports(figures, generatedAt), stamp);
    if (keys === TAKEN) return undefined;
    const facts = { ...run, milliseconds: now() - startedMs };
    await reports.putPipeline(renderPipeline(plan, facts, generatedAt), stamp);
    metrics.addMetric('ReportsWritten', MetricUnit.Count, keys.length);
    measureRun(metrics, run, facts.milliseconds);
    const writeUnits = table.writeUnits - unitsBefore;
    metrics.addMetric('WriteUnits', MetricUnit.Count, writeUnits);
    logger.info('reports', {
      generated_at: generatedAt,
      epoch: plan.epoch,
      segments: run.segments,
      write_units: writeUnits,
    });
    return { generated_at: generatedAt, keys };
  }

  return async () => {
    const startedMs = now();
    const unitsBefore = table.writeUnits;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const run = await merge(ports);
      const figures = await readUnlessOvertaken(base, run.plan.epoch, topN);
      if (!figures) continue;
      refuseNegativeCounts(figures, metrics);
      const written = await write(run, figures, { startedMs, unitsBefore });
      if (written) return written;
      await sleep(MS_PER_SECOND - (now() % MS_PER_SECOND));
    }
    throw new Error(`Other report runs were faster ${ATTEMPTS_MAX} times in a row.`);
  };
}

/** A wrong report is worse than a late one: the last right one stays, and the metric alarms. */
function refuseNegativeCounts(figures: Figures, metrics: OrdersHost['metrics']): void {
  try {
    assertNoNegativeCount(figures);
    metrics.addMetric('NegativeCounts', MetricUnit.Count, 0);
  } catch (error) {
    if (error instanceof BrokenInvariantError) {
      metrics.addMetric('NegativeCounts', MetricUnit.Count, 1);
    }
    throw error;
  }
}

async function readUnlessOvertaken(
  base: BaseStore,
  epoch: number,
  topN: number,
): Promise<Figures | undefined> {
  try {
    return await readFigures(base, epoch, topN);
  } catch (error) {
    if (error instanceof OvertakenError) return undefined;
    throw error;
  }
}

function measureRun(metrics: OrdersHost['metrics'], run: MergeRun, milliseconds: number): void {
  metrics.addMetric('SegmentsMerged', MetricUnit.Count, run.segments);
  metrics.addMetric('SegmentsWaiting', MetricUnit.Count, run.waiting);
  metrics.addMetric('MergeTime', MetricUnit.Milliseconds, milliseconds);
  metrics.addMetric('PlansTakenUp', MetricUnit.Count, Number(run.isTakenUp));
}
