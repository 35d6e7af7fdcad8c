// DynamoDB as a state machine: one command of the SDK in, its answer out, at once. It does what the
// table's store asks for as DynamoDB does it, and refuses all else; test/contract holds it beside real
// engines. A page may end early, and keys of a batch may be left: the owner decides.
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBServiceException,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Command } from './clients.ts';
import {
  type Freedom,
  InvalidRequest,
  type KeyNames,
  NO_FREEDOM,
  type StoredItem,
  StoredTable,
} from './stored-table.ts';

const BATCH_GET_MAX = 100;
const BATCH_WRITE_MAX = 25;
const REFUSED = 'The conditional request failed';
const IS_ABSENT = /^attribute_not_exists\((#\w+)\)$/;
const IS_EQUAL = /^(#\w+) = (:\w+)$/;
const KEY_CONDITION = /^(#\w+) = (:\w+)(?: AND (#\w+) BETWEEN (:\w+) AND (:\w+))?$/;

type Operation = (input: never) => object;

interface Parameters {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: StoredItem | undefined;
}

export class SimulatedDynamoDb {
  readonly tables = new Map<string, StoredTable>();
  readonly #freedom: Freedom;
  readonly #operations = new Map<unknown, readonly [Operation, ReadonlySet<string>]>([
    [CreateTableCommand, [(input) => this.#createTable(input), CREATE_TABLE]],
    [BatchGetItemCommand, [(input) => this.#batchGetItem(input), BATCH_GET]],
    [BatchWriteItemCommand, [(input) => this.#batchWriteItem(input), BATCH_WRITE]],
    [PutItemCommand, [(input) => this.#putItem(input), PUT]],
    [QueryCommand, [(input) => this.#query(input), QUERY]],
    [ScanCommand, [(input) => this.#scan(input), SCAN]],
  ]);

  constructor(freedom: Freedom = NO_FREEDOM) {
    this.#freedom = freedom;
  }

  /** @throws what the SDK would throw for the answer. */
  execute(command: Command): object {
    const [operation, fields] = this.#operations.get(command.constructor) ?? [];
    if (!operation || !fields) throw new Error(`Not simulated: ${command.constructor.name}`);
    const { input } = command;
    const unknown = Object.keys(input).filter(
      (name) => input[name] !== undefined && !fields.has(name),
    );
    if (unknown.length > 0) throw new Error(`Not simulated: the parameters ${unknown}`);
    try {
      return operation(input as never);
    } catch (error) {
      throw error instanceof InvalidRequest ? validationException(error.message) : error;
    }
  }

  #table(name: string | undefined): StoredTable {
    const table = this.tables.get(name ?? '');
    if (table) return table;
    throw new ResourceNotFoundException({ $metadata: {}, message: `No table ${name}` });
  }

  #createTable({ TableName = '', KeySchema }: CreateTableCommandInput) {
    if (this.tables.has(TableName)) {
      throw new ResourceInUseException({ $metadata: {}, message: `Table exists: ${TableName}` });
    }
    this.tables.set(TableName, new StoredTable(keyNames(KeySchema), this.#freedom));
    return { TableDescription: { TableName, TableStatus: 'ACTIVE' } };
  }

  #batchGetItem({ RequestItems = {} }: BatchGetItemCommandInput) {
    const [name, { Keys = [], ConsistentRead = false }] = onlyTable(RequestItems);
    if (!ConsistentRead) throw new Error('Not simulated: BatchGetItem without ConsistentRead');
    const table = this.#table(name);
    const keys = distinctKeys(table, Keys, BATCH_GET_MAX);
    const read = this.#freedom.keysTaken(keys.length);
    const items = keys.slice(0, read).flatMap((key) => {
      const item = table.get(key);
      return item ? [item] : [];
    });
    const unread = Keys.slice(read);
    return {
      Responses: { [name]: items },
      UnprocessedKeys: unread.length > 0 ? { [name]: { Keys: unread, ConsistentRead } } : {},
    };
  }

  #batchWriteItem({ RequestItems = {}, ReturnConsumedCapacity }: BatchWriteItemCommandInput) {
    const [name, requests] = onlyTable(RequestItems);
    const table = this.#table(name);
    const keys = distinctKeys(
      table,
      requests.map(({ DeleteRequest }) => {
        if (!DeleteRequest?.Key) throw new Error('Not simulated: BatchWriteItem that puts');
        return DeleteRequest.Key;
      }),
      BATCH_WRITE_MAX,
    );
    const taken = this.#freedom.keysTaken(keys.length);
    const units = keys.slice(0, taken).reduce((sum, key) => sum + table.delete(key), 0);
    const left = requests.slice(taken);
    return {
      UnprocessedItems: left.length > 0 ? { [name]: left } : {},
      ...(ReturnConsumedCapacity === 'TOTAL' && {
        ConsumedCapacity: [{ TableName: name, CapacityUnits: units }],
      }),
    };
  }

  #putItem(input: PutItemCommandInput) {
    const { TableName, Item = {}, ConditionExpression, ReturnConsumedCapacity } = input;
    const table = this.#table(TableName);
    const key = table.keyOf(Item, false);
    if (ConditionExpression && !holds(ConditionExpression, table.get(key) ?? {}, input)) {
      throw withoutStack(
        () => new ConditionalCheckFailedException({ $metadata: {}, message: REFUSED }),
      );
    }
    const units = table.write(key, { ...Item });
    if (ReturnConsumedCapacity !== 'TOTAL') return {};
    return { ConsumedCapacity: { TableName, CapacityUnits: units } };
  }

  #query(input: QueryCommandInput) {
    const { KeyConditionExpression = '', ScanIndexForward = true, ConsistentRead } = input;
    if (!ConsistentRead) throw new Error('Not simulated: Query without ConsistentRead');
    const parts = KEY_CONDITION.exec(KeyConditionExpression);
    if (!parts) throw new Error(`Not simulated: ${KeyConditionExpression}`);
    const [, pk = '', pkValue = '', sk, from, to] = parts;
    const table = this.#table(input.TableName);
    const resolve = makeResolve(input, [pk, sk], [pkValue, from, to]);
    const isOfKey = [table.key.partition, sk && table.key.sort];
    if (resolve.name(pk) !== isOfKey[0] || (sk && resolve.name(sk) !== isOfKey[1])) {
      throw new InvalidRequest('Query condition missed key schema');
    }
    const bounds = from && to ? ([resolve.text(from), resolve.text(to)] as const) : undefined;
    if (bounds && bounds[0] > bounds[1])
      throw new InvalidRequest('The BETWEEN bounds are reversed');
    const query = { partition: resolve.text(pkValue), bounds, isForward: ScanIndexForward };
    return table.query(query, input);
  }

  #scan(input: ScanCommandInput) {
    if (!input.ConsistentRead) throw new Error('Not simulated: Scan without ConsistentRead');
    return this.#table(input.TableName).scan(input);
  }
}

const namesOf = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const EXPRESSIONS = 'ExpressionAttributeNames ExpressionAttributeValues';
const PAGE = 'TableName ConsistentRead ExclusiveStartKey Limit';
const CREATE_TABLE = namesOf('TableName BillingMode AttributeDefinitions KeySchema');
const BATCH_GET = namesOf('RequestItems');
const BATCH_WRITE = namesOf('RequestItems ReturnConsumedCapacity');
const PUT = namesOf(`TableName Item ConditionExpression ReturnConsumedCapacity ${EXPRESSIONS}`);
const SCAN = namesOf(PAGE);
const QUERY = namesOf(`${PAGE} KeyConditionExpression ScanIndexForward ${EXPRESSIONS}`);

/** The two conditions that there are. */
function holds(condition: string, stored: StoredItem, parameters: Parameters): boolean {
  const [, absent] = IS_ABSENT.exec(condition) ?? [];
  if (absent) return !(makeResolve(parameters, [absent], []).name(absent) in stored);
  const [, name, value] = IS_EQUAL.exec(condition) ?? [];
  if (!name || !value) throw new Error(`Not simulated: ${condition}`);
  const resolve = makeResolve(parameters, [name], [value]);
  const { N, S } = stored[resolve.name(name)] ?? {};
  const wanted = resolve.value(value);
  return S === wanted.S && (N === undefined ? undefined : Number(N)) === numberOf(wanted);
}

const numberOf = ({ N }: { N?: string | undefined }) => (N === undefined ? undefined : Number(N));

/** @throws {InvalidRequest} when names or values are not those that the expression uses */
function makeResolve(
  { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Parameters,
  usedNames: readonly (string | undefined)[],
  usedValues: readonly (string | undefined)[],
) {
  checkUsed(names, usedNames);
  checkUsed(values, usedValues);
  return {
    name: (placeholder: string) => names[placeholder] ?? '',
    value: (placeholder: string) => values[placeholder] ?? { NULL: true },
    text: (placeholder: string) => values[placeholder]?.S ?? '',
  };
}

function checkUsed(given: object, used: readonly (string | undefined)[]): void {
  const known = used.filter((name) => name !== undefined);
  const isWhole = known.every((name) => name in given);
  if (isWhole && Object.keys(given).length === known.length) return;
  throw new InvalidRequest(`The expression uses ${known}, and ${Object.keys(given)} are given`);
}

function onlyTable<T>(items: Readonly<Record<string, T>>): [name: string, of: T] {
  const [only, ...others] = Object.entries(items);
  if (!only || others.length > 0) throw new Error('Not simulated: a batch over many tables');
  return only;
}

function distinctKeys(table: StoredTable, keys: readonly StoredItem[], most: number) {
  if (keys.length === 0 || keys.length > most) {
    throw new InvalidRequest(`The number of keys must be from 1 to ${most}`);
  }
  const all = keys.map((key) => table.keyOf(key, true));
  if (new Set(all.map(({ partition, sort }) => `${partition}\0${sort}`)).size < all.length) {
    throw new InvalidRequest('Provided list of item keys contains duplicates');
  }
  return all;
}

function keyNames(schema: CreateTableCommandInput['KeySchema'] = []): KeyNames {
  const nameOf = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const [partition, sort] = [nameOf('HASH'), nameOf('RANGE')];
  if (!partition || !sort) throw new Error('Not simulated: a table without a sort key');
  return { partition, sort };
}

function validationException(message: string): DynamoDBServiceException {
  const [name, $fault] = ['ValidationException', 'client'] as const;
  return new DynamoDBServiceException({ name, $fault, $metadata: {}, message });
}

/** A refusal is an everyday answer; to note where it was made would cost more than all the rest. */
function withoutStack<E>(make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
