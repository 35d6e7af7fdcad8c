// Starts the local DynamoDB and makes the aggregates table in it.
import { Worker } from 'node:worker_threads';
import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableStatus,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { AGGREGATES_TABLE } from '../../functions/contracts.ts';
import { explainFileError, UserError } from '../user-error.ts';
import type { DynamoDbNews, DynamoDbOrder } from './dynamodb-thread.ts';

/** In seconds. */
const PATIENCE = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 };

export interface LocalDynamoDb {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** @param onFailure told when the database dies later: a damaged file, a full disk. */
export function startDynamoDb(
  order: DynamoDbOrder,
  onFailure: (error: unknown) => void,
): Promise<LocalDynamoDb> {
  const thread = new Worker(new URL('./dynamodb-thread.ts', import.meta.url), {
    workerData: order,
    env: {},
  });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    let tellFailure = reject;
    thread.on('error', (error) => tellFailure(damagedDatabase(order.path, messageOf(error))));
    thread.once('message', (news: DynamoDbNews) => {
      if (news.kind === 'failed') return reject(explainDynamoDbError(news, order));
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function explainDynamoDbError(
  { code, message }: { readonly code: string; readonly message: string },
  { path, port }: DynamoDbOrder,
): unknown {
  if (code === 'EADDRINUSE') return portInUse(port, 'the DynamoDB endpoint');
  if (code === 'LEVEL_LOCKED') {
    return new UserError(`${path} is in use by another process. Wait until it ends, or stop it.`);
  }
  const explained = explainFileError(Object.assign(new Error(message), { code }), path);
  return explained instanceof UserError ? explained : damagedDatabase(path, message);
}

function damagedDatabase(path: string, message: string): UserError {
  const reason = message.replaceAll(/\s+/g, ' ').trim();
  return new UserError(
    `The database in ${path} cannot be used (${reason}). If the disk is full, free some space; ` +
      'else its files are damaged: restore them, or delete the data directory to start anew.',
  );
}

export function portInUse(port: number, purpose: string): UserError {
  return new UserError(
    `Port ${port}, wanted for ${purpose}, is in use. Stop what uses it, or choose others with ` +
      '--port N (N to N+3 must be free).',
  );
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
