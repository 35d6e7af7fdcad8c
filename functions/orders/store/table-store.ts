// The aggregates table in DynamoDB: the only place that sends to it. A refused condition is an answer,
// anything else that fails is thrown once the SDK has retried it, and so fails the batch.
import { setTimeout } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { AGGREGATES_TABLE } from '../../contracts.ts';
import type { ItemKey } from '../items.ts';
import { type Conditions, type Item, toExpressions, type UpdateRequest } from './update-request.ts';

/** BatchGetItem's own limit. */
const BATCH_GET_KEYS_MAX = 100;
const BATCH_GETS_AT_ONCE = 4;
const BATCH_GET_ATTEMPTS_MAX = 8;

export const REFUSED = 'refused';

export interface Table {
  /** Strongly consistent. */
  get(key: ItemKey): Promise<Item | undefined>;
  /** Strongly consistent; absent items are left out. */
  getMany(keys: readonly ItemKey[]): Promise<Item[]>;
  /** The whole item after the update. */
  update(request: UpdateRequest): Promise<Item | typeof REFUSED>;
  put(item: Item, conditions: Conditions): Promise<'written' | typeof REFUSED>;
  /** Strongly consistent, all items under one partition key. */
  query(pk: string): AsyncIterable<Item>;
  /** The ranking index from the highest score down. Eventually consistent, as every index is. */
  queryRanking(kind: string, order: 'highest-first' | 'lowest-first'): AsyncIterable<Item>;
  /** Every item of the table: for the rare exact recount and the audit, never for a normal run. */
  scan(): AsyncIterable<Item>;
  /** Write units consumed so far, as DynamoDB reports them; a refused write counts as one. */
  readonly writeUnits: number;
}

export type Sleep = (milliseconds: number) => Promise<unknown>;

type ReadPage = (start: Item | undefined) => Promise<{ items: Item[]; next: Item | undefined }>;

async function* readPages(readPage: ReadPage): AsyncGenerator<Item> {
  let start: Item | undefined;
  do {
    const page = await readPage(start);
    yield* page.items;
    start = page.next;
  } while (start);
}

/** @param sleep how the host waits */
export function makeTable(client: DynamoDBClient, name: string, sleep: Sleep = setTimeout): Table {
  let writeUnits = 0;
  const target = { TableName: name };
  const measured = { ...target, ReturnConsumedCapacity: 'TOTAL' as const };

  async function write<T>(send: () => Promise<T & Consumed>): Promise<T | typeof REFUSED> {
    try {
      const answer = await send();
      writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0;
      return answer;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      writeUnits += 1;
      return REFUSED;
    }
  }

  return {
    get writeUnits() {
      return writeUnits;
    },
    async get(key) {
      const command = new GetItemCommand({ ...target, Key: toKey(key), ConsistentRead: true });
      return (await client.send(command)).Item as Item | undefined;
    },
    async getMany(keys) {
      const batches = chunk(keys, BATCH_GET_KEYS_MAX);
      const concurrency = BATCH_GETS_AT_ONCE;
      const read = (batch: ItemKey[]) => batchGet(client, name, batch, sleep);
      return (await pMap(batches, read, { concurrency })).flat();
    },
    async update(request) {
      const command = new UpdateItemCommand({
        ...measured,
        ...toExpressions(request),
        Key: toKey(request.key),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await write(() => client.send(command));
      return answer === REFUSED ? REFUSED : (answer.Attributes as Item);
    },
    async put(item, conditions) {
      const command = new PutItemCommand({
        ...measured,
        ...toExpressions({ conditions }),
        Item: item,
      });
      return (await write(() => client.send(command))) === REFUSED ? REFUSED : 'written';
    },
    query: (pk) =>
      readPages(async (start) => {
        const command = new QueryCommand({
          ...target,
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': AGGREGATES_TABLE.partitionKey },
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        });
        return toPage(await client.send(command));
      }),
    queryRanking: (kind, order) =>
      readPages(async (start) => {
        const { name: IndexName, partitionKey } = AGGREGATES_TABLE.rankingIndex;
        const command = new QueryCommand({
          ...target,
          IndexName,
          KeyConditionExpression: '#rk = :rk',
          ExpressionAttributeNames: { '#rk': partitionKey },
          ExpressionAttributeValues: { ':rk': { S: kind } },
          ScanIndexForward: order === 'lowest-first',
          ExclusiveStartKey: start,
        });
        return toPage(await client.send(command));
      }),
    scan: () =>
      readPages(async (start) => {
        const command = new ScanCommand({
          ...target,
          ConsistentRead: true,
          ExclusiveStartKey: start,
        });
        return toPage(await client.send(command));
      }),
  };
}

interface Consumed {
  ConsumedCapacity?: { CapacityUnits?: number | undefined } | undefined;
}

function toKey({ pk, sk }: ItemKey): Item {
  return { [AGGREGATES_TABLE.partitionKey]: { S: pk }, [AGGREGATES_TABLE.sortKey]: { S: sk } };
}

function toPage({ Items, LastEvaluatedKey }: { Items?: unknown; LastEvaluatedKey?: unknown }) {
  return { items: (Items ?? []) as Item[], next: LastEvaluatedKey as Item | undefined };
}

/** DynamoDB may leave keys of a batch unread when it is busy; they are asked for again. */
async function batchGet(
  client: DynamoDBClient,
  name: string,
  batch: readonly ItemKey[],
  sleep: Sleep,
) {
  const items: Item[] = [];
  let keys: Record<string, unknown>[] = batch.map(toKey);
  for (let attempt = 1; attempt <= BATCH_GET_ATTEMPTS_MAX; attempt++) {
    const RequestItems = { [name]: { Keys: keys as Item[], ConsistentRead: true } };
    const answer = await client.send(new BatchGetItemCommand({ RequestItems }));
    items.push(...((answer.Responses?.[name] ?? []) as Item[]));
    keys = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    if (keys.length === 0) return items;
    await sleep(25 * 2 ** attempt);
  }
  throw new Error(
    `DynamoDB left ${keys.length} keys unread after ${BATCH_GET_ATTEMPTS_MAX} attempts.`,
  );
}

function chunk<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < values.length; at += size) chunks.push(values.slice(at, at + size));
  return chunks;
}
