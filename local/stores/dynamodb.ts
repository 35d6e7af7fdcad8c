// Starts the local DynamoDB and makes the aggregates table in it.
import { Worker } from 'node:worker_threads';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableStatus,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { AGGREGATES_TABLE } from '../../functions/contracts.ts';
import { portRefused } from '../http/listen.ts';
import type { DynamoDbNews, DynamoDbOrder } from './dynamodb-thread.ts';
import { checkLevelFiles, explainLevelFailure, levelFailureOf } from './level-files.ts';

/** In seconds. */
const PATIENCE = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 };

export interface LocalDynamoDb {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * @param onFailure told when the database dies later: a damaged file, a full disk.
 * @throws {UserError}
 */
export async function startDynamoDb(
  order: DynamoDbOrder,
  onFailure: (error: unknown) => void,
): Promise<LocalDynamoDb> {
  await checkLevelFiles(order.path);
  const thread = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), {
    workerData: order,
    env: {},
  });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    let tellFailure = reject;
    thread.on('error', (error) => tellFailure(levelFailureOf(error, order.path)));
    thread.once('message', (news: DynamoDbNews) => {
      if (news.kind === 'failed') {
        const { code, message } = news;
        const port = portRefused(news.isPort ? code : '', order.port, 'the DynamoDB endpoint');
        return reject(port ?? explainLevelFailure(code, message, order.path));
      }
      tellFailure = onFailure;
      resolve({
        endpoint: `http://127.0.0.1:${news.port}`,
        close: () => {
          thread.postMessage('close');
          return ended;
        },
      });
    });
  });
}

export async function hasTable(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return Table?.TableStatus !== 'DELETING';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** The table is there, and takes writes, when this is through. */
export async function createAggregatesTable(client: DynamoDBClient, table: string): Promise<void> {
  if ((await askForTable(client, table)) === 'ACTIVE') return;
  await waitUntilTableExists({ client, ...PATIENCE }, { TableName: table });
}

async function askForTable(
  client: DynamoDBClient,
  table: string,
): Promise<TableStatus | undefined> {
  const { partitionKey, sortKey } = AGGREGATES_TABLE;
  try {
    const { TableDescription } = await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: partitionKey, AttributeType: 'S' },
          { AttributeName: sortKey, AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
      }),
    );
    return TableDescription?.TableStatus;
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    return undefined;
  }
}
