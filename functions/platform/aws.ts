// AWS clients. Endpoint, region and credentials come from the SDK's own environment variables, so
// every host differs by environment alone.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';

/** Outlasts a short throttle; after that the batch fails and Kafka delivers it again. */
const ATTEMPTS_MAX = 6;

export function makeDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({ maxAttempts: ATTEMPTS_MAX });
}

export function makeS3Client(): S3Client {
  return new S3Client({ maxAttempts: ATTEMPTS_MAX });
}
