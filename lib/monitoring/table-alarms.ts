// The aggregates table. The functions try throttled and failed calls again six times, so that only what
// lasts is worth a call.
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { AlarmDefinition } from './alarm-definition.ts';
import { FIVE_MINUTES } from './service-metrics.ts';

/** On demand a table doubles its capacity within half an hour; a hot key never gets more than 1,000 writes/s. */
const THROTTLED_PERIODS = 3;
const FAILING_PERIODS = 2;

/**
 * Over all operations. DynamoDB measures these two by operation, and only when there is something to
 * count, so that a plain sum of them would have no value at all.
 */
export function requestsOfTable(
  { tableName }: ITable,
  metricName: 'ThrottledRequests' | 'SystemErrors',
): MathExpression {
  return new MathExpression({
    expression: `SELECT SUM(${metricName}) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) WHERE TableName = '${tableName}'`,
    period: FIVE_MINUTES,
    label: metricName,
  });
}

export function tableAlarms(table: ITable): AlarmDefinition[] {
  const above = {
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 0,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: true,
  };
  return [
    {
      ...above,
      name: 'table-throttled',
      meaning: 'DynamoDB has throttled requests for the aggregates for 15 minutes.',
      runbook: 'table-throttled',
      metric: requestsOfTable(table, 'ThrottledRequests'),
      periods: THROTTLED_PERIODS,
    },
    {
      ...above,
      name: 'table-errors',
      meaning: 'DynamoDB itself fails requests for the aggregates.',
      runbook: 'table-errors',
      metric: requestsOfTable(table, 'SystemErrors'),
      periods: FAILING_PERIODS,
    },
  ];
}
