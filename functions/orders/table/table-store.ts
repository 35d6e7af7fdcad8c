// The aggregates table in DynamoDB: the only place that sends to it. A refused condition is an answer,
// anything else that fails is thrown once the SDK has retried it, and so fails the batch.
import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { AGGREGATES_TABLE } from '../../contracts.ts';
import type { ItemKey } from './items.ts';

/** BatchGetItem's and BatchWriteItem's own limits. */
const KEYS_A_READ_MAX = 100;
const KEYS_A_DELETE_MAX = 25;
const REQUESTS_AT_ONCE = 4;
const ATTEMPTS_MAX = 8;

export const REFUSED = 'refused';

/** An item as it is there. */
export interface Stored {
  readonly key: ItemKey;
  /** 1 when it was made, one more with each write. */
  readonly version: number;
  readonly text: string;
}

export interface Writing {
  readonly key: ItemKey;
  readonly text: string;
  /** The item that it takes the place of; `undefined`: there is none. */
  readonly seen: Pick<Stored, 'version'> | undefined;
  /** Epoch seconds, after which DynamoDB may drop it. */
  readonly expiresAt?: number;
}

export interface QueryOptions {
  /** Sort keys from here on, and up to there, both included. */
  readonly from?: string;
  readonly to?: string;
  readonly order?: 'ascending' | 'descending';
  /** How many items a request may read; all are read when it is not said. */
  readonly limit?: number;
}

export interface Table {
  /** Strongly consistent. */
  get(key: ItemKey): Promise<Stored | undefined>;
  /** Strongly consistent; absent items are left out. */
  getMany(keys: readonly ItemKey[]): Promise<Stored[]>;
  /** The whole item, on condition that it is as it was seen. */
  put(writing: Writing): Promise<'written' | typeof REFUSED>;
  deleteMany(keys: readonly ItemKey[]): Promise<void>;
  /** Strongly consistent, the items under one partition key by their sort keys. */
  query(pk: string, options?: QueryOptions): AsyncIterable<Stored>;
  /** Every item of the table: for the audit, never for a normal run. */
  scan(): AsyncIterable<Stored>;
  /** Write units consumed so far, as DynamoDB reports them; a refused write counts as one. */
  readonly writeUnits: number;
}

export type Sleep = (milliseconds: number) => Promise<unknown>;

type Item = Record<string, AttributeValue>;
type Page = { Items?: Item[] | undefined; LastEvaluatedKey?: Item | undefined };

const { partitionKey: PK, sortKey: SK, version: VERSION, text: TEXT, ttl: TTL } = AGGREGATES_TABLE;

/** @param sleep how the host waits */
export function makeTable(client: DynamoDBClient, name: string, sleep: Sleep = setTimeout): Table {
  let writeUnits = 0;
  const target = { TableName: name };
  const measured = { ...target, ReturnConsumedCapacity: 'TOTAL' as const };

  async function getMany(keys: readonly ItemKey[]): Promise<Stored[]> {
    const read = (chunk: ItemKey[]) => batchGet(client, name, chunk, sleep);
    const chunks = chunksOf(keys, KEYS_A_READ_MAX);
    return (await pMap(chunks, read, { concurrency: REQUESTS_AT_ONCE })).flat().map(toStored);
  }

  async function deleteChunk(keys: readonly ItemKey[]): Promise<void> {
    let left = keys.map((key) => ({ DeleteRequest: { Key: toKey(key) } }));
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const answer = await client.send(
        new BatchWriteItemCommand({
          RequestItems: { [name]: left },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      for (const { CapacityUnits } of answer.ConsumedCapacity ?? [])
        writeUnits += CapacityUnits ?? 0;
      left = (answer.UnprocessedItems?.[name] ?? []) as typeof left;
      if (left.length === 0) return;
      await sleep(25 * 2 ** attempt);
    }
    throw new Error(`DynamoDB left ${left.length} items undeleted after ${ATTEMPTS_MAX} attempts.`);
  }

  return {
    get writeUnits() {
      return writeUnits;
    },
    get: async (key) => (await getMany([key]))[0],
    getMany,
    async put(writing) {
      try {
        const answer = await client.send(new PutItemCommand({ ...measured, ...toPut(writing) }));
        writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0;
        return 'written';
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        writeUnits += 1;
        return REFUSED;
      }
    },
    async deleteMany(keys) {
      const chunks = chunksOf(keys, KEYS_A_DELETE_MAX);
      await pMap(chunks, deleteChunk, { concurrency: REQUESTS_AT_ONCE });
    },
    query: (pk, options = {}) =>
      readPages(options.limit, (start, Limit) =>
        client.send(
          new QueryCommand({
            ...target,
            ...toKeyCondition(pk, options),
            ConsistentRead: true,
            ScanIndexForward: options.order !== 'descending',
            Limit,
            ExclusiveStartKey: start,
          }),
        ),
      ),
    scan: () =>
      readPages(undefined, (start) =>
        client.send(new ScanCommand({ ...target, ConsistentRead: true, ExclusiveStartKey: start })),
      ),
  };
}

async function* readPages(
  limit: number | undefined,
  readPage: (start: Item | undefined, limit: number | undefined) => Promise<Page>,
): AsyncGenerator<Stored> {
  let start: Item | undefined;
  let left = limit ?? Number.POSITIVE_INFINITY;
  do {
    const page = await readPage(start, limit === undefined ? undefined : left);
    for (const item of page.Items ?? []) {
      yield toStored(item);
      left -= 1;
    }
    start = page.LastEvaluatedKey;
  } while (start && left > 0);
}

function toKeyCondition(pk: string, { from, to }: QueryOptions) {
  const isBounded = from !== undefined || to !== undefined;
  const [lowest, highest] = [from ?? ' ', to ?? '\uffff'];
  return {
    KeyConditionExpression: isBounded ? '#pk = :pk AND #sk BETWEEN :from AND :to' : '#pk = :pk',
    ExpressionAttributeNames: { '#pk': PK, ...(isBounded && { '#sk': SK }) },
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ...(isBounded && { ':from': { S: lowest }, ':to': { S: highest } }),
    },
  };
}

function toPut({ key, text, seen, expiresAt }: Writing) {
  const version = (seen?.version ?? 0) + 1;
  return {
    Item: {
      ...toKey(key),
      [VERSION]: { N: String(version) },
      [TEXT]: { S: text },
      ...(expiresAt !== undefined && { [TTL]: { N: String(expiresAt) } }),
    },
    ExpressionAttributeNames: { '#v': VERSION },
    ...(seen
      ? {
          ConditionExpression: '#v = :v',
          ExpressionAttributeValues: { ':v': { N: String(seen.version) } },
        }
      : { ConditionExpression: 'attribute_not_exists(#v)' }),
  };
}

function toKey({ pk, sk }: ItemKey) {
  return { [PK]: { S: pk }, [SK]: { S: sk } };
}

function toStored(item: Item): Stored {
  return {
    key: { pk: item[PK]?.S ?? '', sk: item[SK]?.S ?? '' },
    version: Number(item[VERSION]?.N ?? 0),
    text: item[TEXT]?.S ?? '',
  };
}

/** DynamoDB may leave keys of a batch unread when it is busy; they are asked for again. */
async function batchGet(
  client: DynamoDBClient,
  name: string,
  chunk: readonly ItemKey[],
  sleep: Sleep,
): Promise<Item[]> {
  const items: Item[] = [];
  let keys: Item[] = chunk.map(toKey);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const RequestItems = { [name]: { Keys: keys, ConsistentRead: true } };
    const answer = await client.send(new BatchGetItemCommand({ RequestItems }));
    items.push(...(answer.Responses?.[name] ?? []));
    keys = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    if (keys.length === 0) return items;
    await sleep(25 * 2 ** attempt);
  }
  throw new Error(`DynamoDB left ${keys.length} keys unread after ${ATTEMPTS_MAX} attempts.`);
}

function chunksOf<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < values.length; at += size) chunks.push(values.slice(at, at + size));
  return chunks;
}
