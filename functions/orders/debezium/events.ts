// One event in whatever form the connector gave it, brought to one shape: full envelope, flattened
// (ExtractNewRecordState), or a CloudEvent of either. The form is found by shape. Pure.
// Forms: Debezium documentation, PostgreSQL connector, "Data change events", "Event flattening" and
// "CloudEvents converter".
import type { SourcePosition } from '../fold/change.ts';
import { unwrapUnion } from './avro-json.ts';
import { ColumnError, numberOfDigits, showValue } from './column-values.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './exact-json.ts';
import { type ColumnTypes, type KeepDigits, type Message, unwrap } from './message.ts';

export interface RowEvent {
  readonly op: string;
  /** The table and the schema that the source knows the row under; empty when the event has none. */
  readonly table: string;
  readonly schema: string;
  /** The row after the change; for a delete, what is known of the row before it. */
  readonly values: JsonValue;
  /** The row before an update, where the event has it. */
  readonly before: JsonValue;
  readonly columns: ColumnTypes;
  readonly source: SourcePosition | undefined;
}

/** @throws {ColumnError} when it is of a known form and not readable as such. */
export function readEvent(payload: JsonObject, message: Message): RowEvent {
  if (isCloudEvent(payload)) return readCloudEvent(payload, message);
  const { columns } = message;
  if (isEnvelope(payload)) return { ...readEnvelope(payload, message.keepDigits), columns };
  return { ...readFlattened(payload, message.keepDigits), columns };
}

export function isEnvelope(payload: JsonObject): boolean {
  if (!('op' in payload)) return false;
  // A flattened row may have both as well: add.fields with an empty prefix.
  const isOfNoRow = 'source' in payload && (payload.op === 'm' || payload.op === 't');
  return 'after' in payload || 'before' in payload || isOfNoRow;
}

type BareEvent = Omit<RowEvent, 'columns'>;

function readEnvelope({ op, before, after, source }: JsonObject, keep: KeepDigits): BareEvent {
  const operation = unwrapUnion(op ?? null);
  if (typeof operation !== 'string') {
    throw new ColumnError(`op is ${showValue(operation)}, not text`);
  }
  const origin = unwrapUnion(source ?? null);
  const { table, schema, lsn, ts_ms } = isJsonObject(origin) ? origin : {};
  return {
    op: operation,
    table: textOf(table),
    schema: textOf(schema),
    values: unwrapUnion((operation === 'd' ? before : after) ?? null),
    before: unwrapUnion(before ?? null),
    source: readSourcePosition(lsn, ts_ms, keep),
  };
}

function readFlattened(payload: JsonObject, keep: KeepDigits): BareEvent {
  const deleted = unwrapUnion(payload.__deleted ?? null);
  const isDeleted = deleted === 'true' || deleted === true;
  const { __lsn, __source_lsn, __source_ts_ms } = payload;
  return {
    // Without add.fields=op nothing tells an insert from a snapshot read; both are upserts.
    op: isDeleted ? 'd' : textOf(payload.__op) || 'r',
    table: textOf(payload.__table ?? payload.__source_table),
    schema: textOf(payload.__schema ?? payload.__source_schema),
    values: payload,
    before: null,
    source: readSourcePosition(__lsn ?? __source_lsn, __source_ts_ms, keep),
  };
}

export function isCloudEvent(payload: JsonObject): boolean {
  return 'specversion' in payload && 'type' in payload && 'source' in payload;
}

/** The envelope's fields stand around `data` as attributes whose values are text. */
function readCloudEvent(event: JsonObject, { keepDigits }: Message): RowEvent {
  const { payload: data, columns } = unwrap(event.data ?? null);
  if (!isJsonObject(data)) {
    throw new ColumnError(
      `value is a CloudEvent whose data is ${showValue(data)}: it must be a JSON object ` +
        '(data.serializer.type=json)',
    );
  }
  if (!('before' in data || 'after' in data)) {
    return { ...readFlattened(data, keepDigits), columns };
  }
  const source = {
    table: event.iodebeziumtable ?? null,
    schema: event.iodebeziumschema ?? null,
    lsn: event.iodebeziumlsn ?? null,
    ts_ms: event.iodebeziumtsms ?? null,
  };
  const op = event.iodebeziumop ?? operationOf(data);
  return { ...readEnvelope({ ...data, op, source }, keepDigits), columns };
}

/** What the rows tell without the attribute (`extension.attributes.enable=false`). */
function operationOf({ before = null, after = null }: JsonObject): JsonValue {
  if (after !== null) return 'r';
  return before === null ? null : 'd';
}

function readSourcePosition(
  lsn: JsonValue | undefined,
  committedAtMs: JsonValue | undefined,
  keep: KeepDigits,
): SourcePosition | undefined {
  const [lsnInteger, ms] = [toInt64(lsn, keep), toInt64(committedAtMs, keep)];
  return lsnInteger === undefined || ms === undefined
    ? undefined
    : { lsn: lsnInteger, committedAtMs: ms };
}

/** Both are Java's `long`: a larger number is no position, and no store may hold it. */
function toInt64(value: JsonValue | undefined, keep: KeepDigits): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const plain = keep(numberOfDigits(unwrapUnion(value)));
  const isInteger = typeof plain === 'bigint' || Number.isInteger(plain);
  const integer = isInteger ? BigInt(plain as bigint | number) : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

function textOf(value: JsonValue | undefined): string {
  const plain = unwrapUnion(value ?? null);
  return typeof plain === 'string' ? plain : '';
}
