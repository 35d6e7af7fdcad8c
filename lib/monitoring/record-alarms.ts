// What became of the records: quarantined, reported, or counted wrongly. By the functions' own metrics.
import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmDefinition } from './alarm-definition.ts';
import { STREAM_FUNCTIONS, serviceMetric } from './service-metrics.ts';

const REPORT_INTERVALS_MAX = 2;
/** A rebuild reads the whole table: that may take some time. */
const PAUSED_INTERVALS_MAX = 6;

export function quarantineAlarms(): AlarmDefinition[] {
  return STREAM_FUNCTIONS.map((name) => ({
    name: `quarantined-${name}`,
    meaning: `${name} put records aside that it cannot read: they are in no sum and no row.`,
    runbook: 'records-quarantined',
    metric: serviceMetric(name, 'RecordsQuarantined'),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 0,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: false,
  }));
}

export function reportAlarms(flushInterval: Duration): AlarmDefinition[] {
  return [
    {
      name: 'reports-late',
      meaning: `The newest reports are older than ${REPORT_INTERVALS_MAX} flush intervals.`,
      runbook: 'reports-late',
      metric: serviceMetric('materialize-reports', 'ReportsWritten', { period: flushInterval }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: REPORT_INTERVALS_MAX,
      // A run that fails or never starts measures nothing.
      missing: TreatMissingData.BREACHING,
      tellsRecovery: true,
    },
    {
      name: 'negative-count',
      meaning: 'A count is below zero, so aggregates are wrong; the last right reports stay.',
      runbook: 'negative-count',
      metric: serviceMetric('materialize-reports', 'NegativeCounts'),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      periods: 1,
      // Wrong until a run finds it right.
      missing: TreatMissingData.IGNORE,
      tellsRecovery: true,
    },
    {
      name: 'merge-paused',
      meaning: 'Segments wait while a rebuild pauses the merges: the reports stand still.',
      runbook: 'merge-paused',
      metric: serviceMetric('materialize-reports', 'SegmentsWaiting', {
        statistic: 'Minimum',
        period: flushInterval,
      }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      periods: PAUSED_INTERVALS_MAX,
      missing: TreatMissingData.NOT_BREACHING,
      tellsRecovery: true,
    },
    {
      name: 'merge-taken-up',
      meaning: 'Report runs die before their plan is done, and the next one has to take it up.',
      runbook: 'merge-taken-up',
      metric: serviceMetric('materialize-reports', 'PlansTakenUp', { period: flushInterval }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      periods: REPORT_INTERVALS_MAX,
      missing: TreatMissingData.NOT_BREACHING,
      tellsRecovery: true,
    },
  ];
}
