// A Kafka record as a change of a row, whatever form the connector gave it: full envelope or flattened
// (ExtractNewRecordState), with schema or without, tombstones. The form is found by shape. Pure.
// Forms: Debezium documentation, PostgreSQL connector, "Data change events", and "Event flattening".
import type { KafkaRecord } from '../../kafka/records.ts';
import { RedrivenHeaderError, readOrigin } from '../../kafka/redriven.ts';
import type { ChangeEvent, RowChange, RowKey, SourcePosition } from '../fold/change.ts';
import { ColumnError, showValue } from './column-values.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './exact-json.ts';
import { type ColumnTypes, type MessageReader, makeMessageReader } from './message.ts';
import { isTable, type RowOptions, readRow } from './rows.ts';

export type Decoded =
  | { readonly kind: 'change'; readonly change: ChangeEvent }
  /** Nothing to count: a table that is not listed, or a logical message. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'reject'; readonly reason: string };

export type Decode = (record: KafkaRecord) => Decoded;

/** One event of either form, brought to one shape. */
interface RowEvent {
  readonly op: string;
  readonly table: string;
  /** The row after the change; for a delete, what is known of the row before it. */
  readonly values: JsonValue;
  readonly source: SourcePosition | undefined;
  readonly schema: string | undefined;
}

const SKIP: Decoded = { kind: 'ignore' };
const UPSERTS = new Set(['c', 'u', 'r']);
const STREAMED = new Set(['c', 'u', 'd']);

export function makeDecode(options: RowOptions): Decode {
  const readMessage = makeMessageReader();
  return (record) => {
    try {
      const origin = readOrigin(record);
      const decoded = decode(record, readMessage, options);
      if (!origin || decoded.kind !== 'change') return decoded;
      const stream = origin.stream.replace(':', `:${record.topic}:`);
      const { offset } = origin;
      return { kind: 'change', change: { ...decoded.change, origin: { stream, offset } } };
    } catch (error) {
      if (error instanceof RedrivenHeaderError) return reject(error.message);
      if (error instanceof ColumnError) return reject(error.message);
      throw error;
    }
  };
}

function decode(record: KafkaRecord, readMessage: MessageReader, options: RowOptions): Decoded {
  if (record.damage !== undefined) return reject(record.damage);
  if (record.value === null) return decodeTombstone(record, readMessage);
  const { payload, columns } = parse('value', record.value, readMessage);
  if (payload === null) return decodeTombstone(record, readMessage);
  if (!isJsonObject(payload)) return reject('value is not a Debezium event: no JSON object');
  const event = isEnvelope(payload) ? readEnvelope(payload) : readFlattened(payload);
  const table = event.table || tableOfTopic(record.topic);
  if (!isTable(table) || event.op === 'm') return SKIP;
  if (event.op === 'd') {
    const key = keyOf(record, readMessage, event.values);
    return toChange({ table, row: null }, key, record, event);
  }
  if (!UPSERTS.has(event.op)) return rejectOperation(event.op);
  if (!isJsonObject(event.values)) return reject(`op ${event.op} has no row`);
  const change = readRow(table, event.values, columns, options);
  return toChange(change, keyOf(record, readMessage, event.values), record, event);
}

function toChange(
  change: RowChange,
  key: RowKey,
  { offset }: KafkaRecord,
  { op, source, schema }: Pick<RowEvent, 'op' | 'source' | 'schema'>,
): Decoded {
  const ordered = {
    ...(source && STREAMED.has(op) && { source }),
    ...(schema !== undefined && { schema }),
  };
  return { kind: 'change', change: { ...change, key, offset, ...ordered } };
}

/** A tombstone follows a delete, and where the connector drops deletes it is all that is left of one. */
function decodeTombstone(record: KafkaRecord, readMessage: MessageReader): Decoded {
  const table = tableOfTopic(record.topic);
  if (!isTable(table)) return SKIP;
  const key = keyOf(record, readMessage, null);
  return toChange({ table, row: null }, key, record, {
    op: 'd',
    source: undefined,
    schema: undefined,
  });
}

function isEnvelope(payload: JsonObject): boolean {
  return 'op' in payload && ('after' in payload || 'before' in payload || 'source' in payload);
}

function readEnvelope({ op, before, after, source }: JsonObject): RowEvent {
  if (typeof op !== 'string') throw new ColumnError(`op is ${showValue(op ?? null)}, not text`);
  const origin = isJsonObject(source) ? source : {};
  return {
    op,
    table: textOr(origin.table, ''),
    values: (op === 'd' ? before : after) ?? null,
    source: readSourcePosition(origin.lsn, origin.ts_ms),
    schema: typeof origin.schema === 'string' ? origin.schema : undefined,
  };
}

function readFlattened(payload: JsonObject): RowEvent {
  const deleted = payload.__deleted === 'true' || payload.__deleted === true;
  return {
    // Without add.fields=op nothing tells an insert from a snapshot read; both are upserts.
    op: deleted ? 'd' : textOr(payload.__op, 'r'),
    table: textOr(payload.__table ?? payload.__source_table, ''),
    values: payload,
    source: readSourcePosition(payload.__lsn ?? payload.__source_lsn, payload.__source_ts_ms),
    schema: undefined,
  };
}

function readSourcePosition(
  lsn: JsonValue | undefined,
  committedAtMs: JsonValue | undefined,
): SourcePosition | undefined {
  const [lsnInteger, ms] = [toInt64(lsn), toInt64(committedAtMs)];
  return lsnInteger === undefined || ms === undefined
    ? undefined
    : { lsn: lsnInteger, committedAtMs: ms };
}

/** Both are Java's `long`: a larger number is no position, and DynamoDB may not even hold it. */
function toInt64(value: JsonValue | undefined): bigint | undefined {
  const isInteger = typeof value === 'bigint' || Number.isInteger(value);
  const integer = isInteger ? BigInt(value as bigint | number) : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

function keyOf(record: KafkaRecord, readMessage: MessageReader, values: JsonValue): RowKey {
  const { payload } =
    record.key === null ? { payload: values } : parse('key', record.key, readMessage);
  if (!isJsonObject(payload)) throw new ColumnError('the record has neither a row nor a key');
  const columns = record.key === null ? { id: payload.id ?? null } : payload;
  const integers = Object.values(columns).filter(
    (value) => typeof value === 'bigint' || Number.isInteger(value),
  );
  const id = integers.length > 0 ? BigInt(integers[0] as number) : null;
  const names = Object.keys(columns).sort();
  const isPlain = names.length === 1 && id !== null;
  const text = isPlain
    ? id.toString()
    : JSON.stringify(names.map((name) => [name, String(columns[name])]));
  return { text, id };
}

function parse(
  part: 'key' | 'value',
  bytes: Buffer,
  readMessage: MessageReader,
): { payload: JsonValue; columns: ColumnTypes } {
  try {
    return readMessage(bytes);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new ColumnError(`${part} is not JSON: ${error.message.slice(0, 200)}`);
    }
    throw error;
  }
}

/** Debezium names a topic `<prefix>.<schema>.<table>`. */
function tableOfTopic(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function reject(reason: string): Decoded {
  return { kind: 'reject', reason };
}

function rejectOperation(op: string): Decoded {
  return reject(
    op === 't'
      ? 'op t (TRUNCATE) has no key, so its order among the rows of other partitions is unknown: ' +
          'delete rows instead, or rebuild the aggregates'
      : `op ${JSON.stringify(op.slice(0, 20))} is not one of c, u, d, r, t, m`,
  );
}
