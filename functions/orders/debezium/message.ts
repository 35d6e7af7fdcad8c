// A record's value as JsonConverter wrote it: bare, or `{schema, payload}`. The schema is four fifths
// of the bytes and nearly always the one of the record before, so it is parsed once and known again
// by its bytes. Pure but for that memory, which belongs to the reader.
import { isUtf8 } from 'node:buffer';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  keepDigits,
  parseExactJson,
} from './exact-json.ts';

/** What the schema says of one column. Absent without a schema. */
export interface ColumnType {
  /** The semantic type, e.g. `io.debezium.time.MicroTimestamp`; absent for plain types. */
  readonly name?: string;
  /** The base type, e.g. `int64`, `string`. */
  readonly type?: string;
  readonly scale?: number;
  readonly precision?: number;
}

export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/** Passes a number on if it is what the text says. @throws {@link LOST_DIGITS} */
export type KeepDigits = (value: JsonValue, of?: 'decimal') => JsonValue;

export interface Message {
  readonly payload: JsonValue;
  readonly columns: ColumnTypes;
  /** What each number that is read must go through. */
  readonly keepDigits: KeepDigits;
}

/** `exactly` is slower by far, and needed only where a first reading ended with `LOST_DIGITS`. */
export type MessageReader = (bytes: Buffer, exactly?: 'exactly') => Message;

const NO_COLUMNS: ColumnTypes = new Map();
const SCHEMA_START = Buffer.from('{"schema":');
const PAYLOAD_START = Buffer.from(',"payload":');
const CLOSING_BRACE = 0x7d;
const SCHEMAS_KEPT_MAX = 16;
const BYTE_ORDER_MARK = '\ufeff';
/** With which Confluent's and Glue's converters begin. */
const REGISTRY_BYTES: ReadonlySet<number | undefined> = new Set([0x00, 0x03]);
const OF_A_REGISTRY =
  'it begins as a schema registry’s converter writes it: use JsonConverter, or let Lambda read the registry (schemaRegistry)';

/** @throws {SyntaxError} from the reader, when the bytes are not UTF-8 JSON. */
export function makeMessageReader(): MessageReader {
  const known: { bytes: Buffer; columns: ColumnTypes }[] = [];

  function columnsOf(schemaBytes: Buffer): ColumnTypes {
    const at = known.findIndex((schema) => schema.bytes.equals(schemaBytes));
    const found = at >= 0 ? known[at] : undefined;
    if (found) return found.columns;
    const columns = readColumnTypes(JSON.parse(schemaBytes.toString('utf8')));
    known.unshift({ bytes: Buffer.from(schemaBytes), columns });
    known.length = Math.min(known.length, SCHEMAS_KEPT_MAX);
    return columns;
  }

  return (bytes, exactly) => {
    if (!isUtf8(bytes)) throw new SyntaxError('the bytes are not UTF-8');
    if (REGISTRY_BYTES.has(bytes[0])) throw new SyntaxError(OF_A_REGISTRY);
    const parse = exactly ? parseExactly : parsePlainly;
    const around = readAroundSchema(bytes, columnsOf, parse);
    if (around) return around;
    const text = bytes.toString('utf8');
    const { value, keepDigits } = parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    return { ...unwrap(value), keepDigits };
  };
}

interface Parsed {
  readonly value: JsonValue;
  readonly keepDigits: KeepDigits;
}

function parsePlainly(text: string): Parsed {
  return {
    value: JSON.parse(text),
    keepDigits: (value, of) => keepDigits(value, text, of === 'decimal'),
  };
}

function parseExactly(text: string): Parsed {
  return { value: parseExactJson(text), keepDigits: (value) => value };
}

/**
 * Takes the payload from the tail without parsing the schema before it. JsonConverter writes the
 * schema first. A cut at a wrong place leaves unbalanced braces, so it cannot parse by mistake.
 */
function readAroundSchema(
  bytes: Buffer,
  columnsOf: (schemaBytes: Buffer) => ColumnTypes,
  parse: (text: string) => Parsed,
): Message | undefined {
  if (!SCHEMA_START.every((byte, at) => bytes[at] === byte)) return undefined;
  const cut = bytes.indexOf(PAYLOAD_START);
  if (cut < 0 || bytes.at(-1) !== CLOSING_BRACE) return undefined;
  try {
    const tail = bytes.toString('utf8', cut + PAYLOAD_START.length, bytes.length - 1);
    const columns = columnsOf(bytes.subarray(SCHEMA_START.length, cut));
    const { value, keepDigits } = parse(tail);
    return { payload: value, columns, keepDigits };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `{schema, payload}`, `{payload}` or the payload itself, told apart by shape. */
export function unwrap(value: JsonValue): Omit<Message, 'keepDigits'> {
  if (!isJsonObject(value) || !('payload' in value)) return { payload: value, columns: NO_COLUMNS };
  const isWrapper = Object.keys(value).every((name) => name === 'payload' || name === 'schema');
  if (!isWrapper) return { payload: value, columns: NO_COLUMNS };
  return { payload: value.payload ?? null, columns: readColumnTypes(value.schema ?? null) };
}

/** The columns stand at the top of a flattened record, under `after` (as under `before`) of an envelope. */
function readColumnTypes(schema: JsonValue): ColumnTypes {
  const fields = fieldsOf(schema);
  const row = fields.find(({ field, type }) => field === 'after' && type === 'struct');
  const columns = row ? fieldsOf(row) : fields;
  return new Map(
    columns.flatMap((column) =>
      typeof column.field === 'string' ? [[column.field, toColumnType(column)]] : [],
    ),
  );
}

function fieldsOf(schema: JsonValue): JsonObject[] {
  if (!isJsonObject(schema) || !Array.isArray(schema.fields)) return [];
  return schema.fields.filter(isJsonObject);
}

function toColumnType({ name, type, parameters }: JsonObject): ColumnType {
  const { scale, 'connect.decimal.precision': precision } = isJsonObject(parameters)
    ? parameters
    : {};
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof type === 'string' && { type }),
    ...(typeof scale === 'string' && { scale: Number(scale) }),
    ...(typeof precision === 'string' && { precision: Number(precision) }),
  };
}
