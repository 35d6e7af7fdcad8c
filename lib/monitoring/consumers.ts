// What reads Kafka, and how far behind it is. Pollers on demand give one lag for a function, the worst of
// its topics (OffsetLag); provisioned pollers give one for each mapping (SumOffsetLag).
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { ServiceFunction } from '../service-function.ts';
import type { ServiceFunctions } from '../service-functions.ts';
import type { TopicMapping } from '../topic-mapping.ts';
import { FIVE_MINUTES, ONE_MINUTE, type StreamFunction, serviceMetric } from './service-metrics.ts';

const LAMBDA = 'AWS/Lambda';

export interface Consumer {
  /** A function's name, or a topic's where each mapping is measured. */
  readonly name: string;
  readonly lag: Metric;
  /** Records in the metric's period that will not come again. */
  readonly consumed: Metric;
}

export interface ConsumersProps {
  readonly arePollersProvisioned: boolean;
  readonly functions: ServiceFunctions;
  readonly mappings: readonly TopicMapping[];
}

export function consumersOf(props: ConsumersProps): Consumer[] {
  const { arePollersProvisioned, functions, mappings } = props;
  if (mappings.length === 0) return [];
  if (arePollersProvisioned) return mappings.map(consumerOfMapping);
  return [
    consumerOfFunction(functions.aggregateOrders, 'aggregate-orders'),
    consumerOfFunction(functions.recordOutcomes, 'record-outcomes'),
  ];
}

function consumerOfFunction({ lambda }: ServiceFunction, name: StreamFunction): Consumer {
  return {
    name,
    lag: lambda.metric('OffsetLag', { statistic: 'Maximum', period: FIVE_MINUTES }),
    consumed: serviceMetric(name, 'Records'),
  };
}

function consumerOfMapping({ topic, mapping }: TopicMapping): Consumer {
  return {
    name: topic,
    lag: mappingMetric(mapping, 'SumOffsetLag', 'Maximum', `${topic}: lag`),
    consumed: mappingMetric(mapping, 'CommittedEventCount', 'Sum', `${topic}: committed`),
  };
}

export function mappingMetric(
  mapping: TopicMapping['mapping'],
  metricName: string,
  statistic: 'Sum' | 'Maximum',
  label: string,
): Metric {
  return new Metric({
    namespace: LAMBDA,
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic,
    period: FIVE_MINUTES,
    label,
  });
}

/** How long the lag takes to read at the present pace. No value where nothing at all is read. */
export function secondsBehind({ name, lag, consumed }: Consumer): IMetric {
  // One graph holds several: CloudWatch wants each part of them under an id of its own.
  const part = name.replaceAll(/[^A-Za-z0-9]/g, '_');
  const ids = { lag: `lag_${part}`, consumed: `consumed_${part}` };
  return new MathExpression({
    expression: `${ids.lag} / (${ids.consumed} / PERIOD(${ids.consumed}))`,
    usingMetrics: { [ids.lag]: lag, [ids.consumed]: consumed },
    period: FIVE_MINUTES,
    label: `${name}: seconds behind`,
  });
}

/** 1 for each minute in which there was a lag and it did not shrink. */
export function isNotCatchingUp({ name, lag }: Consumer): IMetric {
  return new MathExpression({
    expression: 'IF(lag > 0 AND DIFF(lag) >= 0, 1, 0)',
    usingMetrics: { lag: lag.with({ period: ONE_MINUTE }) },
    period: ONE_MINUTE,
    label: `${name}: not catching up`,
  });
}

/** The batches that Lambda gave up: each one let the rule send its event. */
export function measureAbandonedBatches(rule: IRule): Metric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'TriggeredRules',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: 'Sum',
    period: FIVE_MINUTES,
  });
}
