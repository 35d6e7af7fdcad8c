// What became of the records: quarantined, reported, or counted wrongly. By the functions' own metrics.
import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmDefinition } from './alarm-definition.ts';
import { STREAM_FUNCTIONS, serviceMetric } from './service-metrics.ts';

const REPORT_INTERVALS_MAX = 2;

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
  ];
}
