// A row's identity from its record's key, whatever its columns and its form: Kafka keeps the changes of one
// key in order, and Debezium sends a row that gets another key as a delete and a create. Pure.
import { isUtf8 } from 'node:buffer';
import type { RowKey } from '../fold/change.ts';
import { unwrapUnion } from './avro-json.ts';
import { ColumnError, showValue } from './column-values.ts';
import { isJsonObject, type JsonValue, NumberLiteral } from './exact-json.ts';
import type { KeepDigits, Message } from './message.ts';

/** It is part of the keys that a store knows the row by. */
const TEXT_LENGTH_MAX = 1_024;
/** A column may be a struct, such as a decimal of variable scale. */
const DEPTH_MAX = 5;
const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]+$/u;
/** `1e999`, `12e5`, `1.50`: as a number it would be another text's, too. */
const NUMBER_BUT_NO_INTEGER = /^-?\d+[.eE][\d.eE+-]*$/;
const OPENING_BRACE = 0x7b;

/** @throws {ColumnError} when the key is none that could be told from another. */
export function readKey(
  bytes: Buffer,
  source: string | null,
  readMessage: (bytes: Buffer) => Message,
): RowKey {
  return toRowKey(parseKey(bytes, readMessage), source);
}

/** The key that a record would have had. @throws {ColumnError} */
export function keyOfColumn(name: string, value: JsonValue, source: string | null): RowKey {
  return toRowKey({ [name]: value }, source);
}

/** Text that is no JSON is a key as good as any: StringConverter writes it so. */
function parseKey(bytes: Buffer, readMessage: (bytes: Buffer) => Message): JsonValue {
  if (bytes[0] !== OPENING_BRACE) {
    const text = bytes.toString('utf8');
    if (NUMBER_BUT_NO_INTEGER.test(text)) return text;
  }
  try {
    const { payload, keepDigits } = readMessage(bytes);
    return checkNumbers(payload, keepDigits);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const text = bytes.toString('utf8');
    if (isUtf8(bytes) && PLAIN_TEXT.test(text)) return text;
    throw new ColumnError(
      'key is neither JSON nor plain text: the key.converter must be JsonConverter or StringConverter',
    );
  }
}

function toRowKey(key: JsonValue, source: string | null): RowKey {
  const columns = isJsonObject(key) ? Object.values(key) : [key];
  const [only = null] = columns;
  const id = columns.length === 1 ? toInteger(only) : undefined;
  if (id !== undefined) return { text: label(id.toString(), source), id };
  const nulls = columns.filter((column) => unwrapUnion(column) === null);
  if (nulls.length === columns.length) {
    throw new ColumnError(`key is ${showValue(key)}: it names no row`);
  }
  const text = canonicalJson(key);
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ColumnError(`key has more than ${TEXT_LENGTH_MAX} characters`);
  }
  const integers = columns.map(toInteger);
  const first = integers.find((one) => one !== undefined) ?? null;
  return { text: label(text, source), id: first, ...(nulls.length > 0 && { isPartial: true }) };
}

function label(text: string, source: string | null): string {
  return source === null ? text : `${source}/${text}`;
}

function toInteger(column: JsonValue): bigint | undefined {
  const value = unwrapUnion(column);
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  const integer = isInteger ? BigInt(value as bigint | number) : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

/** One text for one value: names in order, no blanks, numbers as they were written. */
function canonicalJson(value: JsonValue, depth = 0): string {
  if (depth > DEPTH_MAX) throw new ColumnError('key is nested too deeply');
  const plain = unwrapUnion(value);
  if (typeof plain === 'bigint') return plain.toString();
  if (plain instanceof NumberLiteral) return plain.text;
  if (Array.isArray(plain)) return `[${plain.map((one) => canonicalJson(one, depth + 1)).join()}]`;
  if (!isJsonObject(plain)) return JSON.stringify(plain);
  const members = Object.keys(plain)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(plain[name] ?? null, depth + 1)}`);
  return `{${members.join()}}`;
}

function checkNumbers(value: JsonValue, keepDigits: KeepDigits, depth = 0): JsonValue {
  if (depth > DEPTH_MAX) throw new ColumnError('key is nested too deeply');
  if (typeof value !== 'object' || value === null) return keepDigits(value);
  if (value instanceof NumberLiteral) return value;
  for (const one of Object.values(value)) checkNumbers(one, keepDigits, depth + 1);
  return value;
}
