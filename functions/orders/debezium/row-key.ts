// A row's identity from its record's key, whatever its columns and its form: Kafka keeps the changes of one
// key in order, and Debezium sends a row that gets another key as a delete and a create. Pure.
import type { RowKey } from '../change.ts';
import { unwrapUnion } from './avro-json.ts';
import { ColumnError, showValue } from './column-values.ts';
import { isJsonObject, type JsonValue, NumberLiteral, parseExactJson } from './exact-json.ts';
import { unwrap } from './message.ts';

/** As long as a page of images may be asked for by it. */
const TEXT_LENGTH_MAX = 1_024;
const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]+$/u;

/** @throws {ColumnError} when the key is none that could be told from another. */
export function readKey(bytes: Buffer, source: string | null): RowKey {
  return toRowKey(unwrap(parseKey(bytes)).payload, source);
}

/** The key that a record would have had. @throws {ColumnError} */
export function keyOfColumn(name: string, value: JsonValue, source: string | null): RowKey {
  return toRowKey({ [name]: value }, source);
}

/** Text that is no JSON is a key as good as any: StringConverter writes it so. */
function parseKey(bytes: Buffer): JsonValue {
  const text = bytes.toString('utf8');
  try {
    return parseExactJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (PLAIN_TEXT.test(text) && Buffer.byteLength(text) === bytes.length) return text;
    throw new ColumnError('key is neither JSON nor plain text');
  }
}

function toRowKey(key: JsonValue, source: string | null): RowKey {
  const columns = isJsonObject(key) ? Object.values(key).map(unwrapUnion) : [key];
  if (columns.every((column) => column === null)) {
    throw new ColumnError(`key is ${showValue(key)}: it names no row`);
  }
  const integers = columns.map(toInteger);
  const id = integers.find((integer) => integer !== undefined) ?? null;
  const text = id !== null && columns.length === 1 ? id.toString() : canonicalJson(key);
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ColumnError(`key has more than ${TEXT_LENGTH_MAX} characters`);
  }
  return { text: source === null ? text : `${source}/${text}`, id };
}

function toInteger(value: JsonValue): bigint | undefined {
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  const integer = isInteger ? BigInt(value as bigint | number) : undefined;
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

/** One text for one value: names in order, no blanks, numbers as they were written. */
function canonicalJson(value: JsonValue): string {
  const plain = unwrapUnion(value);
  if (typeof plain === 'bigint') return plain.toString();
  if (plain instanceof NumberLiteral) return plain.text;
  if (Array.isArray(plain)) return `[${plain.map(canonicalJson).join()}]`;
  if (!isJsonObject(plain)) return JSON.stringify(plain);
  const members = Object.keys(plain)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(plain[name] ?? null)}`);
  return `{${members.join()}}`;
}
