// AWS's DynamoDB Local as a process. Its database is one SQLite file, which outlives a stop or a kill: what
// was answered is in it, what was half written is rolled back by the next start.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resolveDynamoDbLocal } from './dynamodb-package.ts';
import { JavaProcess } from './java-process.ts';

export interface DynamoDbLocalOptions {
  /** Holds the database and the log. */
  dir: string;
  port: number;
}

export interface DynamoDbLocal {
  readonly endpoint: string;
  readonly process: JavaProcess;
  /** The SDK's client, with AWS's own retries. */
  client(): DynamoDBClient;
}

export function createDynamoDbLocal({ dir, port }: DynamoDbLocalOptions): DynamoDbLocal {
  const database = join(dir, 'database');
  mkdirSync(database, { recursive: true });
  const { classpath, nativeLibraries } = resolveDynamoDbLocal();
  const endpoint = `http://127.0.0.1:${port}`;
  const process = new JavaProcess({
    name: 'DynamoDB Local',
    classpath,
    mainClass: 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
    options: [`-Djava.library.path=${nativeLibraries}`],
    args: ['-port', String(port), '-dbPath', database, '-sharedDb', '-disableTelemetry'],
    heap: '256m',
    cwd: dir,
    logFile: join(dir, 'dynamodb-local.log'),
    // Without a signature it refuses, and thereby answers.
    isReady: async () => (await fetch(endpoint)).status === 400,
  });
  return {
    endpoint,
    process,
    client: () =>
      new DynamoDBClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
  };
}
