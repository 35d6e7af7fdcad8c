// Kafka → functions: does it keep up, is anything given up?
import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ABANDONED_PREFIX } from '../../functions/contracts.ts';
import type { Settings } from '../settings/settings.ts';
import type { TopicMapping } from '../topic-mapping.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { type Consumer, isNotCatchingUp, mappingMetric, secondsBehind } from './consumers.ts';
import { FIVE_MINUTES } from './service-metrics.ts';

/** Pollers on demand take up to three minutes to become more; a burst is not worth a call. */
const BEHIND_PERIODS = 3;
const STALLED_MINUTES = 15;

/**
 * A report written now lacks more than one whole interval: from there on lag is felt. Below five minutes
 * it is within what scaling takes.
 */
export function secondsBehindMax(flushInterval: Duration): number {
  return Math.max(flushInterval.toSeconds(), FIVE_MINUTES.toSeconds());
}

export function lagAlarms(
  consumers: readonly Consumer[],
  { flushInterval, mapping: { isOn } }: Pick<Settings, 'flushInterval' | 'mapping'>,
): AlarmDefinition[] {
  return consumers.flatMap((consumer) => [
    {
      name: `consumer-lag-${consumer.name}`,
      meaning: `${consumer.name} is behind Kafka by more than a flush interval's worth of work.`,
      runbook: 'consumer-lag',
      metric: secondsBehind(consumer),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: secondsBehindMax(flushInterval),
      periods: BEHIND_PERIODS,
      missing: TreatMissingData.NOT_BREACHING,
      tellsRecovery: true,
    },
    {
      name: `consumer-stalled-${consumer.name}`,
      meaning: `${consumer.name} has records to read and the lag did not shrink once in ${STALLED_MINUTES} minutes, or no lag is measured.`,
      runbook: 'consumer-stalled',
      metric: isNotCatchingUp(consumer),
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: STALLED_MINUTES,
      // Lambda measures a lag always, says AWS. Without any the mapping is off, or cannot reach the cluster.
      missing: isOn ? TreatMissingData.BREACHING : TreatMissingData.MISSING,
      tellsRecovery: true,
    },
  ]);
}

export function abandonedAlarms(abandonedBatches: Metric): AlarmDefinition[] {
  return [
    {
      name: 'batch-given-up',
      meaning: `Lambda gave up a batch and left it under ${ABANDONED_PREFIX}: its records are counted nowhere.`,
      runbook: 'batch-given-up',
      metric: abandonedBatches,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      periods: 1,
      missing: TreatMissingData.NOT_BREACHING,
      tellsRecovery: false,
    },
  ];
}

/** Neither applied nor kept: only provisioned pollers say so. */
export function droppedAlarms(mappings: readonly TopicMapping[]): AlarmDefinition[] {
  return mappings.map(({ topic, mapping }) => ({
    name: `records-dropped-${topic}`,
    meaning: `Lambda dropped records of ${topic} and could not even leave them in S3.`,
    runbook: 'records-dropped',
    metric: mappingMetric(mapping, 'DroppedEventCount', 'Sum', `${topic}: dropped`),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 0,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: false,
  }));
}
