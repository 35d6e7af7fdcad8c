// What the functions of the orders take from where they run.
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../platform/settings.ts';

export interface OrdersHost {
  readonly env: Environment;
  /** Epoch ms. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly logger: Pick<Logger, 'info'>;
  readonly metrics: Pick<Metrics, 'addMetric'>;
}
