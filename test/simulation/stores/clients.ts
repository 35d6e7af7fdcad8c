// The simulated stores behind the SDK's interface, undisturbed.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';

export interface Command {
  readonly input: Readonly<Record<string, unknown>>;
}

/** A store as a state machine. */
export interface Engine {
  /** @throws what the SDK would throw for the answer. */
  execute(command: Command): object;
}

export type Send = (command: Command) => Promise<object>;

/** The stores send commands, and nothing else is asked of a client. */
export function asDynamoDbClient(send: Send): DynamoDBClient {
  return { send } as unknown as DynamoDBClient;
}

export function asS3Client(send: Send): S3Client {
  return { send } as unknown as S3Client;
}

export const calmDynamoDbClient = (engine: Engine): DynamoDBClient =>
  asDynamoDbClient(async (command) => engine.execute(command));

export const calmS3Client = (engine: Engine): S3Client =>
  asS3Client(async (command) => engine.execute(command));
