// The metrics that the functions write by themselves, each under the function that writes it. A test
// compares these names with what the handlers measure.
import { Aws, Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../functions/contracts.ts';

/** Two stacks of one account do not mix: service-functions.ts gives the same name to the functions. */
const NAMESPACE = Aws.STACK_NAME;

const BATCH_METRICS = [
  'Records',
  'RecordsApplied',
  'RecordsSkipped',
  'RecordsIgnored',
  'RecordsQuarantined',
] as const;

export const SERVICE_METRICS = {
  'aggregate-orders': [...BATCH_METRICS, 'WriteUnits'],
  'record-outcomes': BATCH_METRICS,
  'materialize-reports': [
    'ReportsWritten',
    'NegativeCounts',
    'SegmentsMerged',
    'SegmentsWaiting',
    'MergeTime',
    'PlansTakenUp',
    'WriteUnits',
  ],
  'serve-api': ['Requests', 'RefusedRequests', 'FailedRequests', 'ResponseTime'],
  'migrate-database': [],
  'operate-stores': [],
} as const satisfies Record<FunctionName, readonly string[]>;

export type StreamFunction = 'aggregate-orders' | 'record-outcomes';
export const STREAM_FUNCTIONS: readonly StreamFunction[] = ['aggregate-orders', 'record-outcomes'];

export const ONE_MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

export interface MetricView {
  readonly statistic?: string;
  readonly period?: Duration;
  readonly label?: string;
}

export function serviceMetric<F extends FunctionName>(
  functionName: F,
  metricName: (typeof SERVICE_METRICS)[F][number],
  { statistic = 'Sum', period = FIVE_MINUTES, label }: MetricView = {},
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service: functionName },
    statistic,
    period,
    ...(label && { label }),
  });
}
