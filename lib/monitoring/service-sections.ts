// The lower half of the dashboard: the API, the stores and the functions.
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ServiceFunction } from '../service-function.ts';
import type { Graph, Section } from './dashboard.ts';
import { FIVE_MINUTES, serviceMetric } from './service-metrics.ts';
import { requestsOfTable } from './table-alarms.ts';

const sum = { statistic: 'Sum', period: FIVE_MINUTES };
const mean = { statistic: 'Average', period: FIVE_MINUTES };
const most = { statistic: 'Maximum', period: FIVE_MINUTES };

export function apiSection(api: RestApi): Section {
  const stage = api.deploymentStage;
  const time = (statistic: string) =>
    serviceMetric('serve-api', 'ResponseTime', { statistic, label: `function ${statistic}` });
  return {
    question: 'Is the API well?',
    hint: 'Right: no 5xx. A gateway much slower than the function is cold starts, throttles or authorisation.',
    graphs: [
      {
        title: 'Answers',
        left: [stage.metricCount({ ...sum, label: 'requests' })],
        right: [
          stage.metricClientError({ ...sum, label: '4xx' }),
          stage.metricServerError({ ...sum, label: '5xx' }),
        ],
      },
      {
        title: 'Of these, what the function answered',
        left: [serviceMetric('serve-api', 'Requests')],
        right: [
          serviceMetric('serve-api', 'RefusedRequests'),
          serviceMetric('serve-api', 'FailedRequests'),
        ],
      },
      {
        title: 'Milliseconds',
        left: [
          ...['p50', 'p99'].map((statistic) =>
            stage.metricLatency({ statistic, period: FIVE_MINUTES, label: `gateway ${statistic}` }),
          ),
          ...['p50', 'p99'].map(time),
        ],
      },
    ],
  };
}

/** @param instance - undefined when the database was there before: its own dashboard has it. */
export function storeSection(table: ITable, instance: DatabaseInstance | undefined): Section {
  return {
    question: 'How are the stores?',
    hint: 'Right: nothing throttled. Refused updates are twins and retries that found their offsets taken: a few are normal.',
    graphs: [
      {
        title: 'DynamoDB: capacity units',
        left: [
          table.metricConsumedWriteCapacityUnits({ ...sum, label: 'write' }),
          table.metricConsumedReadCapacityUnits({ ...sum, label: 'read' }),
        ],
      },
      {
        title: 'DynamoDB: throttled, failed and refused',
        left: [
          requestsOfTable(table, 'ThrottledRequests'),
          requestsOfTable(table, 'SystemErrors'),
          table.metricConditionalCheckFailedRequests({ ...sum, label: 'refused updates' }),
        ],
      },
      ...(instance ? databaseGraphs(instance) : []),
    ],
  };
}

function databaseGraphs(instance: DatabaseInstance): Graph[] {
  return [
    {
      title: 'PostgreSQL: processors and connections',
      left: [instance.metricCPUUtilization(mean)],
      right: [instance.metricDatabaseConnections(most)],
    },
    {
      title: 'PostgreSQL: free bytes, waiting reads and writes',
      left: [instance.metricFreeStorageSpace({ statistic: 'Minimum', period: FIVE_MINUTES })],
      right: [instance.metric('DiskQueueDepth', mean)],
    },
  ];
}

export function functionSection(functions: readonly ServiceFunction[]): Section {
  const graph = (title: string, metricName: string, view: typeof sum): Graph => ({
    title,
    left: functions.map(({ name, lambda }) => lambda.metric(metricName, { ...view, label: name })),
  });
  return {
    question: 'How are the functions?',
    hint: 'Right: no failures. Why one failed: the saved log query "Failed batches by reason".',
    graphs: [
      graph('Invocations', 'Invocations', sum),
      graph('Failures', 'Errors', sum),
      graph('Throttled', 'Throttles', sum),
      graph('Longest, in milliseconds', 'Duration', most),
      graph('At once', 'ConcurrentExecutions', most),
    ],
  };
}
