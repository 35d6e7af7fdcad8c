// DynamoDB as a state machine: one command of the SDK in, its answer out, at once. It does what the
// stores of the project ask for as DynamoDB does it, and refuses all else; test/contract holds it beside
// real engines. An index may lag behind its table, and a page may end early: the owner decides.
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBServiceException,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Command } from './clients.ts';
import {
  applyUpdate,
  checkParameters,
  holds,
  InvalidRequest,
  normalizeValue,
  type Parameters,
  type StoredItem,
} from './expressions.ts';
import { type Freedom, NO_FREEDOM, StoredTable } from './stored-table.ts';

const BATCH_GET_MAX = 100;
const REFUSED = 'The conditional request failed';
const KEY_CONDITION = /^([#\w]+) = (:\w+)$/;

type Write = PutItemCommandInput | UpdateItemCommandInput;
type Operation = (input: never) => object;

export class SimulatedDynamoDb {
  readonly tables = new Map<string, StoredTable>();
  readonly #freedom: Freedom;
  readonly #operations = new Map<unknown, readonly [Operation, string]>([
    [CreateTableCommand, [(input) => this.#createTable(input), CREATE_TABLE]],
    [GetItemCommand, [(input) => this.#getItem(input), 'TableName Key ConsistentRead']],
    [BatchGetItemCommand, [(input) => this.#batchGetItem(input), 'RequestItems']],
    [PutItemCommand, [(input) => this.#putItem(input), `${WRITE} Item`]],
    [UpdateItemCommand, [(input) => this.#updateItem(input), `${WRITE} ${UPDATE}`]],
    [QueryCommand, [(input) => this.#query(input), `${PAGE} ${QUERY}`]],
    [ScanCommand, [(input) => this.#scan(input), PAGE]],
  ]);

  constructor(freedom: Freedom = NO_FREEDOM) {
    this.#freedom = freedom;
  }

  /** @throws what the SDK would throw for the answer. */
  execute(command: Command): object {
    const [operation, fields] = this.#operations.get(command.constructor) ?? [];
    if (!operation || !fields) throw new Error(`Not simulated: ${command.constructor.name}`);
    const { input } = command;
    const known = fields.split(' ');
    const unknown = Object.keys(input).filter(
      (name) => input[name] !== undefined && !known.includes(name),
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

  #createTable(input: CreateTableCommandInput) {
    const name = input.TableName ?? '';
    if (this.tables.has(name)) {
      throw new ResourceInUseException({ $metadata: {}, message: `Table exists: ${name}` });
    }
    this.tables.set(name, new StoredTable(input, this.#freedom));
    return { TableDescription: { TableName: name, TableStatus: 'ACTIVE' } };
  }

  #getItem({ TableName, Key = {}, ConsistentRead }: GetItemCommandInput) {
    if (!ConsistentRead) throw new Error('Not simulated: GetItem without ConsistentRead');
    const table = this.#table(TableName);
    const item = table.get(table.keyOf(Key, true));
    return item ? { Item: item } : {};
  }

  #batchGetItem({ RequestItems = {} }: BatchGetItemCommandInput) {
    const [[name = '', { Keys = [], ConsistentRead = false } = {}] = [], ...others] =
      Object.entries(RequestItems);
    if (others.length > 0 || !ConsistentRead) {
      throw new Error('Not simulated: BatchGetItem over many tables, or without ConsistentRead');
    }
    if (Keys.length === 0 || Keys.length > BATCH_GET_MAX) {
      throw new InvalidRequest('The number of keys must be from 1 to 100');
    }
    const table = this.#table(name);
    const names = Keys.map((key) => table.keyOf(key, true));
    if (new Set(names).size < names.length) {
      throw new InvalidRequest('Provided list of item keys contains duplicates');
    }
    const read = this.#freedom.keysRead(Keys.length);
    const items = names.slice(0, read).flatMap((key) => (table.get(key) ? [table.get(key)] : []));
    const unread = Keys.slice(read);
    return {
      Responses: { [name]: items },
      UnprocessedKeys: unread.length > 0 ? { [name]: { Keys: unread, ConsistentRead } } : {},
    };
  }

  #putItem(input: PutItemCommandInput) {
    const table = this.#table(input.TableName);
    const item = normalizeItem(input.Item ?? {});
    const key = table.keyOf(item, false);
    checkParameters(input.ConditionExpression ?? '', parametersOf(input));
    this.#checkCondition(input, table.get(key));
    return { ...consumed(input, table.write(key, item)) };
  }

  #updateItem(input: UpdateItemCommandInput) {
    const { UpdateExpression = '', ConditionExpression = '', Key = {}, ReturnValues } = input;
    if (ReturnValues !== undefined && ReturnValues !== 'ALL_NEW') {
      throw new Error(`Not simulated: ReturnValues ${ReturnValues}`);
    }
    const table = this.#table(input.TableName);
    const key = table.keyOf(Key, true);
    const stored = table.get(key);
    const parameters = parametersOf(input);
    checkParameters(`${UpdateExpression} ${ConditionExpression}`, parameters);
    this.#checkCondition(input, stored);
    const before = stored ?? normalizeItem(Key);
    const item = UpdateExpression ? applyUpdate(UpdateExpression, before, parameters) : before;
    if (table.keyOf(item, false) !== key) {
      throw new InvalidRequest('Cannot update attribute. This attribute is part of the key');
    }
    const units = table.write(key, item);
    return { ...(ReturnValues && { Attributes: item }), ...consumed(input, units) };
  }

  #checkCondition(input: Write, stored: StoredItem | undefined): void {
    const { ConditionExpression } = input;
    if (!ConditionExpression) return;
    if (holds(ConditionExpression, stored ?? {}, parametersOf(input))) return;
    throw withoutStack(
      () => new ConditionalCheckFailedException({ $metadata: {}, message: REFUSED }),
    );
  }

  #query(input: QueryCommandInput) {
    const { KeyConditionExpression = '', IndexName, ScanIndexForward = true } = input;
    const parameters = parametersOf(input);
    checkParameters(KeyConditionExpression, parameters);
    const [, path = '', placeholder = ''] = KEY_CONDITION.exec(KeyConditionExpression) ?? [];
    const value = parameters.values[placeholder]?.S;
    if (value === undefined) throw new Error(`Not simulated: ${KeyConditionExpression}`);
    const table = this.#table(input.TableName);
    const name = parameters.names[path] ?? path;
    if (IndexName !== undefined && input.ConsistentRead) {
      throw new InvalidRequest('Consistent reads are not supported on global secondary indexes');
    }
    if (IndexName === undefined && !input.ConsistentRead) {
      throw new Error('Not simulated: Query of the table without ConsistentRead');
    }
    return table.query({ name, value, index: IndexName, isForward: ScanIndexForward }, input);
  }

  #scan(input: ScanCommandInput) {
    if (!input.ConsistentRead) throw new Error('Not simulated: Scan without ConsistentRead');
    return this.#table(input.TableName).scan(input);
  }
}

const CREATE_TABLE = 'TableName BillingMode AttributeDefinitions KeySchema GlobalSecondaryIndexes';
const WRITE =
  'TableName ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnConsumedCapacity';
const UPDATE = 'Key UpdateExpression ReturnValues';
const PAGE = 'TableName ConsistentRead ExclusiveStartKey Limit';
const QUERY =
  'IndexName KeyConditionExpression ExpressionAttributeNames ExpressionAttributeValues ScanIndexForward';

function parametersOf(input: {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}): Parameters {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  for (const given of [names, values]) {
    if (given && Object.keys(given).length === 0) throw new InvalidRequest('must not be empty');
  }
  return { names: names ?? {}, values: values ?? {} };
}

function normalizeItem(item: Record<string, AttributeValue>): StoredItem {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, normalizeValue(value)]),
  );
}

function consumed(input: Write, units: number) {
  if (input.ReturnConsumedCapacity !== 'TOTAL') return {};
  return { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: units } };
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
