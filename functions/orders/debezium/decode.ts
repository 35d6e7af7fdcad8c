// A Kafka record as a change of a row, whatever form the connector gave it. Its topic says which table it is
// of, its key which row, its value what the row holds now. Pure.
import { ENV } from '../../contracts.ts';
import type { KafkaRecord } from '../../kafka/records.ts';
import { RedrivenHeaderError, readOrigin } from '../../kafka/redriven.ts';
import type { ChangeEvent, RowChange, RowIdentity, RowKey } from '../fold/change.ts';
import { unwrapUnion } from './avro-json.ts';
import { ColumnError, showValue } from './column-values.ts';
import { type RowEvent, readEvent } from './events.ts';
import { isJsonObject, type JsonObject, LOST_DIGITS } from './exact-json.ts';
import { type Message, type MessageReader, makeMessageReader } from './message.ts';
import type { DecodeOptions } from './options.ts';
import { keyOfColumn, readKey } from './row-key.ts';
import { makeRowReader, type RowReader } from './rows.ts';
import { isSideRecord } from './side-records.ts';
import { makeTopicTables, type TopicTable, type TopicTables } from './topic-tables.ts';

export type Decoded =
  | { readonly kind: 'change'; readonly change: ChangeEvent }
  /** Debezium's own records beside the tables' hold nothing to count. */
  | { readonly kind: 'ignore' }
  /** Of which row it is, as far as the topic and the key tell. */
  | { readonly kind: 'reject'; readonly reason: string; readonly row?: RowIdentity };

export type Decode = (record: KafkaRecord) => Decoded;

interface Readers {
  readonly readMessage: MessageReader;
  readonly tableOf: TopicTables;
  readonly rows: RowReader;
}

const IGNORE: Decoded = { kind: 'ignore' };
const OTHER_TABLE = { orders: 'order_items', order_items: 'orders' } as const;
const NEEDS_KEY = 'the table needs a primary key, or the connector message.key.columns';
const UPSERTS = new Set(['c', 'u', 'r']);
const STREAMED = new Set(['c', 'u', 'd']);
/** PostgreSQL's own names have at most 63 bytes. */
const SCHEMA_LENGTH_MAX = 255;

export function makeDecode(options: DecodeOptions): Decode {
  const readers = {
    readMessage: makeMessageReader(),
    tableOf: makeTopicTables(options),
    rows: makeRowReader(options),
  };
  return (record) => {
    try {
      const origin = readOrigin(record);
      const decoded = decode(record, readers);
      if (!origin || decoded.kind === 'ignore') return decoded;
      // It is not the connector's, so it says nothing of what the connector sent in its place.
      if (decoded.kind === 'reject') return reject(decoded.reason);
      const { stream, offset } = origin;
      return { kind: 'change', change: { ...decoded.change, origin: { stream, offset } } };
    } catch (error) {
      if (error instanceof RedrivenHeaderError) return reject(error.message);
      throw error;
    }
  };
}

function decode(record: KafkaRecord, readers: Readers): Decoded {
  if (record.damage !== undefined) return reject(record.damage);
  try {
    return decodeOrReject(record, readers);
  } catch (error) {
    if (error !== LOST_DIGITS) throw error;
    const { readMessage } = readers;
    return decodeOrReject(record, {
      ...readers,
      readMessage: (bytes) => readMessage(bytes, 'exactly'),
    });
  }
}

/** What is thrown is of the row that the key names; a rejection that is returned is of none. */
function decodeOrReject(record: KafkaRecord, readers: Readers): Decoded {
  try {
    return decodeParts(record, readers);
  } catch (error) {
    if (!(error instanceof ColumnError)) throw error;
    const row = rowOf(record, readers);
    return { ...reject(error.message), ...(row && { row }) };
  }
}

function rowOf({ topic, key }: KafkaRecord, readers: Readers): RowIdentity | undefined {
  const place = readers.tableOf(topic);
  if (!place || key === null) return undefined;
  try {
    return { table: place.table, key: readKey(key, place.source, readers.readMessage) };
  } catch (error) {
    if (!(error instanceof ColumnError)) throw error;
    return undefined;
  }
}

function decodeParts(record: KafkaRecord, readers: Readers): Decoded {
  const { value } = record;
  if (value === null) return decodeTombstone(record, readers);
  return decodeMessage(parse(value, readers), record, readers);
}

function parse(value: Buffer, { readMessage }: Readers): Message {
  try {
    return readMessage(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ColumnError(`value is not JSON: ${error.message.slice(0, 200)}`);
  }
}

function decodeMessage(message: Message, record: KafkaRecord, readers: Readers): Decoded {
  const { payload } = message;
  if (payload === null) return decodeTombstone(record, readers);
  if (!isJsonObject(payload))
    throw new ColumnError('value is not a Debezium event: no JSON object');
  if (isSideRecord(payload)) return IGNORE;
  const place = readers.tableOf(record.topic);
  if (!place) return reject(whyNoTable(record.topic));
  const event = readEvent(payload, message);
  if (event.table === OTHER_TABLE[place.table]) {
    return reject(`the event is of table ${event.table}, its topic of ${place.table}`);
  }
  if (event.op === 'd') return decodeDelete(event, place, record, readers);
  if (!UPSERTS.has(event.op)) throw new ColumnError(whyNotOperation(event.op));
  if (!isJsonObject(event.values)) throw new ColumnError(`op ${event.op} has no row`);
  const { values, columns: types } = event;
  const { keepDigits } = message;
  const change = readers.rows.readRow(place.table, { values, types, keepDigits });
  const key = keyOf(record, values, place, readers);
  if (record.key === null) checkSameId(event, key, place, readers);
  return toChange(change, key, record, event);
}

/** Without a key an update of the id comes as an update, and not as a delete and a create. */
function checkSameId(event: RowEvent, key: RowKey, place: TopicTable, readers: Readers): void {
  if (!isJsonObject(event.before)) return;
  const [idColumn = ''] = readers.rows.columnNames[place.table];
  const before = unwrapUnion(event.before[idColumn] ?? null);
  if (before === null || keyOfColumn(idColumn, before, place.source).text === key.text) return;
  throw new ColumnError(
    `the record has no key, and ${idColumn} changed from ${showValue(before)}: ${NEEDS_KEY}`,
  );
}

function decodeDelete(
  event: RowEvent,
  place: TopicTable,
  record: KafkaRecord,
  readers: Readers,
): Decoded {
  const values = isJsonObject(event.values) ? event.values : {};
  const key = keyOf(record, values, place, readers);
  const isUnsure =
    key.isPartial === true && isBare(values, key, readers.rows.columnNames[place.table]);
  const decoded = toChange({ table: place.table, row: null }, key, record, event);
  return isUnsure ? { ...decoded, change: { ...decoded.change, isUnsure } } : decoded;
}

/** Of the columns that the key lacks all are null: with REPLICA IDENTITY DEFAULT the primary key is all that is sent. */
function isBare(values: JsonObject, key: RowKey, [, ...names]: readonly string[]): boolean {
  const others = names.filter((name) => !key.text.includes(`${JSON.stringify(name)}:`));
  return others.every((name) => unwrapUnion(values[name] ?? null) === null);
}

/** A tombstone follows a delete, and where the connector drops deletes it is all that is left of one. */
function decodeTombstone(record: KafkaRecord, readers: Readers): Decoded {
  const place = readers.tableOf(record.topic);
  if (!place) return reject(whyNoTable(record.topic));
  const key = keyOf(record, {}, place, readers);
  return toChange({ table: place.table, row: null }, key, record, undefined);
}

/** The record's key, for every kind of event alike; only where it has none the row's own id. */
function keyOf(
  { key }: KafkaRecord,
  values: JsonObject,
  { table, source }: TopicTable,
  { rows, readMessage }: Readers,
): RowKey {
  if (key !== null) return readKey(key, source, readMessage);
  const [idColumn = ''] = rows.columnNames[table];
  const id = unwrapUnion(values[idColumn] ?? null);
  if (id !== null) return keyOfColumn(idColumn, id, source);
  throw new ColumnError(`the record has no key, and its row no ${idColumn}: ${NEEDS_KEY}`);
}

function toChange(
  change: RowChange,
  key: RowKey,
  { offset }: KafkaRecord,
  event: RowEvent | undefined,
): Extract<Decoded, { kind: 'change' }> {
  const source = event && STREAMED.has(event.op) ? event.source : undefined;
  const schema = event?.schema ? readSchema(event.schema) : undefined;
  return {
    kind: 'change',
    change: { ...change, key, offset, ...(schema && { schema }), ...(source && { source }) },
  };
}

/** It is kept with the row. */
function readSchema(schema: string): string {
  if (schema.length <= SCHEMA_LENGTH_MAX && schema.isWellFormed()) return schema;
  throw new ColumnError(
    `the table’s schema is ${showValue(schema)}, no name of at most ${SCHEMA_LENGTH_MAX} characters`,
  );
}

function whyNoTable(topic: string): string {
  return (
    `topic ${topic} is neither of orders nor of order_items: its last segment must be one of the two, ` +
    `or ${ENV.ordersTopics} or ${ENV.orderItemsTopics} must name it`
  );
}

function whyNotOperation(op: string): string {
  return op === 't'
    ? 'op t (TRUNCATE) has no key, so its order among the rows of other partitions is unknown: ' +
        'delete rows instead; after a TRUNCATE begin a new table of aggregates (docs/operate.md, "A new table")'
    : `op ${JSON.stringify(op.slice(0, 20))} is not one of c, u, d, r, t, m`;
}

function reject(reason: string) {
  return { kind: 'reject', reason } as const;
}
