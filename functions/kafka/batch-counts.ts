// What became of the records of a batch: what every stream function answers and measures.
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export interface BatchCounts {
  readonly records: number;
  /** Taken into the store now. */
  readonly applied: number;
  /** Seen before. */
  readonly skipped: number;
  /** Debezium's own records beside the tables' (heartbeats and the like): nothing to take. */
  readonly ignored: number;
  readonly quarantined: number;
}

export function sumCounts(counts: readonly BatchCounts[]): BatchCounts {
  const of = (field: keyof BatchCounts) => counts.reduce((total, one) => total + one[field], 0);
  return {
    records: of('records'),
    applied: of('applied'),
    skipped: of('skipped'),
    ignored: of('ignored'),
    quarantined: of('quarantined'),
  };
}

export function measureCounts(metrics: Pick<Metrics, 'addMetric'>, counts: BatchCounts): void {
  metrics.addMetric('Records', MetricUnit.Count, counts.records);
  metrics.addMetric('RecordsApplied', MetricUnit.Count, counts.applied);
  metrics.addMetric('RecordsSkipped', MetricUnit.Count, counts.skipped);
  metrics.addMetric('RecordsIgnored', MetricUnit.Count, counts.ignored);
  metrics.addMetric('RecordsQuarantined', MetricUnit.Count, counts.quarantined);
}
