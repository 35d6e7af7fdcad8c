// A table of its own on any engine that speaks to the SDK's client, for the suite in dynamodb-suite.ts.
import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';

export interface OpenClient {
  readonly client: DynamoDBClient;
  close(): void | Promise<void>;
}

export type Values = Record<string, AttributeValue>;
export type Update = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;

export const N = (value: number | string): AttributeValue => ({ N: String(value) });
export const S = (value: string): AttributeValue => ({ S: value });
export const INVALID = { name: 'ValidationException' };

export class Bench {
  readonly table = `contract-${randomUUID()}`;
  readonly #open: () => Promise<OpenClient>;
  #opened: OpenClient | undefined;
  #keys = 0;

  constructor(open: () => Promise<OpenClient>) {
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#opened = await this.#open();
    await createAggregatesTable(this.client, this.table);
  }

  async stop(): Promise<void> {
    await this.#opened?.close();
  }

  get client(): DynamoDBClient {
    if (!this.#opened) throw new Error('The bench is not started.');
    return this.#opened.client;
  }

  /** One that no other test uses. */
  newKey(pk = `entity#${++this.#keys}`, sk = 'sum') {
    return { pk: S(pk), sk: S(sk) };
  }

  async get(Key: Values): Promise<Values | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key, ConsistentRead: true });
    return (await this.client.send(command)).Item;
  }

  put(Item: Values, more: Omit<Update, 'UpdateExpression' | 'ReturnValues'> = {}) {
    return this.client.send(new PutItemCommand({ TableName: this.table, Item, ...more }));
  }

  update(Key: Values, more: Update) {
    return this.client.send(new UpdateItemCommand({ TableName: this.table, Key, ...more }));
  }

  async query(more: Omit<QueryCommandInput, 'TableName'>) {
    const pages: Values[][] = [];
    let ExclusiveStartKey: Values | undefined;
    do {
      const page = { TableName: this.table, ...more, ExclusiveStartKey };
      const answer = await this.client.send(new QueryCommand(page));
      pages.push(answer.Items ?? []);
      ExclusiveStartKey = answer.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return pages;
  }

  queryTable(pk: string, more: Omit<QueryCommandInput, 'TableName'> = {}) {
    return this.query({
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':pk': S(pk) },
      ConsistentRead: true,
      ...more,
    });
  }

  async ranking(kind: string, isForward: boolean, more: { Limit?: number } = {}) {
    const pages = await this.query({
      IndexName: 'ranking',
      KeyConditionExpression: '#rk = :rk',
      ExpressionAttributeNames: { '#rk': 'rk' },
      ExpressionAttributeValues: { ':rk': S(kind) },
      ScanIndexForward: isForward,
      ...more,
    });
    return pages.flat();
  }
}

export const ADD_ONE: Update = {
  UpdateExpression: 'SET #0 = :0 ADD #1 :1',
  ExpressionAttributeNames: { '#0': 'w:0:1', '#1': 'n' },
  ExpressionAttributeValues: { ':0': N(7), ':1': N(1) },
};
