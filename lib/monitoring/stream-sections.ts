// The upper half of the dashboard: records on their way to the reports.
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TopicMapping } from '../topic-mapping.ts';
import type { Consumer } from './consumers.ts';
import { secondsBehind } from './consumers.ts';
import type { Graph, Section } from './dashboard.ts';
import { FIVE_MINUTES, type StreamFunction, serviceMetric } from './service-metrics.ts';

export function flowSection(
  consumers: readonly Consumer[],
  mappings: readonly TopicMapping[],
  clusterName: string,
): Section {
  return {
    question: 'Is data flowing?',
    hint: 'Right: seconds behind near 0, applied follows the topics, nothing quarantined. Many skipped records are a redelivery or a replay.',
    graphs: [
      ...(mappings.length > 0
        ? [
            { title: 'Seconds behind', left: consumers.map(secondsBehind) },
            {
              title: 'Lag by topic, as the cluster sees it',
              left: mappings.map((mapping) => lagOfTopic(mapping, clusterName)),
            },
          ]
        : []),
      recordsGraph('Orders and order items', 'aggregate-orders'),
      recordsGraph('Outcomes', 'record-outcomes'),
    ],
  };
}

/** https://docs.aws.amazon.com/msk/latest/developerguide/consumer-lag.html */
function lagOfTopic({ topic, consumerGroup }: TopicMapping, clusterName: string): Metric {
  return new Metric({
    namespace: 'AWS/Kafka',
    metricName: 'SumOffsetLag',
    dimensionsMap: { 'Cluster Name': clusterName, 'Consumer Group': consumerGroup, Topic: topic },
    statistic: 'Maximum',
    period: FIVE_MINUTES,
    label: topic,
  });
}

function recordsGraph(title: string, name: StreamFunction): Graph {
  return {
    title,
    left: [
      serviceMetric(name, 'RecordsApplied', { label: 'applied' }),
      serviceMetric(name, 'RecordsSkipped', { label: 'skipped' }),
      serviceMetric(name, 'RecordsIgnored', { label: 'ignored' }),
    ],
    right: [serviceMetric(name, 'RecordsQuarantined', { label: 'quarantined' })],
  };
}

export function reportSection(): Section {
  return {
    question: 'Are the reports fresh and right?',
    hint: 'Right: five documents each flush interval, never a negative count.',
    graphs: [
      {
        title: 'Reports written',
        left: [serviceMetric('materialize-reports', 'ReportsWritten')],
        right: [serviceMetric('materialize-reports', 'NegativeCounts')],
      },
      {
        title: 'Merges',
        left: [
          serviceMetric('materialize-reports', 'SegmentsMerged', { label: 'segments merged' }),
          serviceMetric('materialize-reports', 'SegmentsWaiting', { label: 'waiting' }),
          serviceMetric('materialize-reports', 'PlansTakenUp', { label: 'plans taken up' }),
        ],
        right: [
          serviceMetric('materialize-reports', 'MergeTime', {
            statistic: 'Maximum',
            label: 'ms a run',
          }),
        ],
      },
      {
        title: 'Write units a record',
        left: [
          new MathExpression({
            expression: '(units + merged) / records',
            usingMetrics: {
              units: serviceMetric('aggregate-orders', 'WriteUnits'),
              merged: serviceMetric('materialize-reports', 'WriteUnits'),
              records: serviceMetric('aggregate-orders', 'Records'),
            },
            period: FIVE_MINUTES,
            label: 'write units a record',
          }),
        ],
        right: [
          serviceMetric('aggregate-orders', 'WriteUnits', { label: 'of batches' }),
          serviceMetric('materialize-reports', 'WriteUnits', { label: 'of merges' }),
        ],
      },
    ],
  };
}
