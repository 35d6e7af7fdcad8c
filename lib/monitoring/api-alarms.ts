// The API as its callers see it: by API Gateway's metrics, which count what never reaches the function too.
import { Aws } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { API_STAGE } from '../query-api.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { FIVE_MINUTES, ONE_MINUTE } from './service-metrics.ts';

const FAILED_SHARE = 0.01;
/** A page or a figure takes tens of milliseconds; an export may take seconds, so one in a hundred may. */
const LATENCY_P99_MS = 2_000;
const REFUSED_SHARE = 0.5;
/** Fewer requests in five minutes say nothing about a share. */
const REQUESTS_MIN = 100;
const FAILED_PERIODS = 2;
const FAILED_MINUTES = 2;
const LASTING_PERIODS = 3;

export function apiAlarms(api: RestApi): AlarmDefinition[] {
  const stage = api.deploymentStage;
  const lasting = {
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: true,
  };
  return [
    {
      ...lasting,
      name: 'api-failing',
      meaning: `More than ${FAILED_SHARE * 100}% of the API's answers are 5xx.`,
      runbook: 'api-failing',
      // The average of a metric that is 0 or 1 for each request.
      metric: stage.metricServerError({ statistic: 'Average', period: FIVE_MINUTES }),
      threshold: FAILED_SHARE,
      periods: FAILED_PERIODS,
    },
    {
      ...lasting,
      name: 'api-slow',
      meaning: `One in a hundred answers of the API takes more than ${LATENCY_P99_MS / 1_000} seconds.`,
      runbook: 'api-slow',
      metric: stage.metricLatency({ statistic: 'p99', period: FIVE_MINUTES }),
      threshold: LATENCY_P99_MS,
      periods: LASTING_PERIODS,
    },
    {
      ...lasting,
      name: 'api-refusing',
      meaning: `More than ${REFUSED_SHARE * 100}% of many requests are refused with 4xx: a broken client, expired credentials, or a scan.`,
      runbook: 'api-refusing',
      metric: new MathExpression({
        expression: `IF(requests > ${REQUESTS_MIN}, refused / requests, 0)`,
        usingMetrics: {
          requests: stage.metricCount({ statistic: 'Sum', period: FIVE_MINUTES }),
          refused: stage.metricClientError({ statistic: 'Sum', period: FIVE_MINUTES }),
        },
        period: FIVE_MINUTES,
        label: 'share of 4xx',
      }),
      threshold: REFUSED_SHARE,
      periods: LASTING_PERIODS,
    },
  ];
}

/** As api-failing, within the steps of a deployment. By the API's names alone, as the API itself waits for what this watches. */
export function failingWhileDeployed(): AlarmDefinition {
  return {
    name: 'api-failing-now',
    meaning: `More than ${FAILED_SHARE * 100}% of the API's answers are 5xx: a version that is deployed by steps is taken back.`,
    runbook: 'deployment-taken-back',
    metric: new Metric({
      namespace: 'AWS/ApiGateway',
      metricName: '5XXError',
      dimensionsMap: { ApiName: Aws.STACK_NAME, Stage: API_STAGE },
      statistic: 'Average',
      period: ONE_MINUTE,
    }),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: FAILED_SHARE,
    periods: FAILED_MINUTES,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: false,
  };
}
