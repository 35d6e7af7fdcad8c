// A table of its own on any engine that speaks to the SDK's client, for the suite in dynamodb-suite.ts.
import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';

export interface OpenClient {
  readonly client: DynamoDBClient;
  close(): void | Promise<void>;
}

export type Values = Record<string, AttributeValue>;

export const N = (value: number | string): AttributeValue => ({ N: String(value) });
export const S = (value: string): AttributeValue => ({ S: value });
export const INVALID = { name: 'ValidationException' };

export const IF_ABSENT = {
  ConditionExpression: 'attribute_not_exists(#v)',
  ExpressionAttributeNames: { '#v': 'v' },
};

export const ifVersion = (version: number) => ({
  ConditionExpression: '#v = :v',
  ExpressionAttributeNames: { '#v': 'v' },
  ExpressionAttributeValues: { ':v': N(version) },
});

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
  newKey(pk = `entity#${++this.#keys}`, sk = 'page') {
    return { pk: S(pk), sk: S(sk) };
  }

  batchGet(Keys: Values[]) {
    const RequestItems = { [this.table]: { Keys, ConsistentRead: true } };
    return this.client.send(new BatchGetItemCommand({ RequestItems }));
  }

  batchDelete(keys: Values[]) {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }));
    const RequestItems = { [this.table]: requests };
    const command = new BatchWriteItemCommand({ RequestItems, ReturnConsumedCapacity: 'TOTAL' });
    return this.client.send(command);
  }

  async get(Key: Values): Promise<Values | undefined> {
    return (await this.batchGet([Key])).Responses?.[this.table]?.[0];
  }

  put(Item: Values, more: Omit<PutItemCommandInput, 'TableName' | 'Item'> = {}) {
    return this.client.send(new PutItemCommand({ TableName: this.table, Item, ...more }));
  }

  async query(more: Omit<QueryCommandInput, 'TableName'>) {
    const pages: Values[][] = [];
    let ExclusiveStartKey: Values | undefined;
    do {
      const page = { TableName: this.table, ConsistentRead: true, ...more, ExclusiveStartKey };
      const answer = await this.client.send(new QueryCommand(page));
      pages.push(answer.Items ?? []);
      ExclusiveStartKey = answer.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return pages;
  }

  queryKey(pk: string, more: Omit<QueryCommandInput, 'TableName'> = {}) {
    return this.query({
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':pk': S(pk) },
      ...more,
    });
  }

  queryBetween(pk: string, from: string, to: string, more: { ScanIndexForward?: boolean } = {}) {
    return this.query({
      KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
      ExpressionAttributeValues: { ':pk': S(pk), ':from': S(from), ':to': S(to) },
      ...more,
    });
  }
}
