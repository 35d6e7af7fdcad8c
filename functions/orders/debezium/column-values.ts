// The values of single columns in every encoding that a Postgres connector writes. Pure.
// Encodings: Debezium documentation, PostgreSQL connector, "Data type mappings"; Kafka Connect
// org.apache.kafka.connect.data.Decimal. Each function answers the value, or throws `ColumnError`.
import { Decimal } from '../decimal.ts';
import { isJsonObject, type JsonValue, NumberLiteral } from './exact-json.ts';
import type { ColumnType } from './message.ts';

/** The value cannot be read: a poison record, not a fault of ours. */
export class ColumnError extends Error {}

const INT64_MAX = 2n ** 63n - 1n;
const INT32_MAX = 2n ** 31n - 1n;
/** Sums of such amounts stay within DynamoDB's 38 digits for 10^13 rows. */
const AMOUNT_INTEGER_DIGITS_MAX = 15;
const AMOUNT_SCALE_MAX = 10;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Longer text is no amount that could be counted, and not worth the time to find out. */
const TEXT_LENGTH_MAX = 64;
/** PostgreSQL's own bound. Beyond it a scale is no scale, but work without end. */
const SCALE_MAX = 1_000;

export function readInt64(value: JsonValue): bigint {
  return readInteger(value, INT64_MAX, 'a 64-bit integer');
}

export function readInt32(value: JsonValue): bigint {
  return readInteger(value, INT32_MAX, 'a 32-bit integer');
}

function readInteger(value: JsonValue, max: bigint, expected: string): bigint {
  const integer =
    typeof value === 'bigint'
      ? value
      : typeof value === 'number' && Number.isInteger(value)
        ? BigInt(value)
        : undefined;
  if (integer === undefined || integer > max || integer < -max - 1n) {
    throw new ColumnError(`is ${showValue(value)}, not ${expected}`);
  }
  return integer;
}

export function readText(value: JsonValue, lengthMax: number): string {
  if (typeof value !== 'string') throw new ColumnError(`is ${showValue(value)}, not text`);
  if (!value.isWellFormed()) throw new ColumnError('holds half a surrogate pair, so is no text');
  if ([...value].length > lengthMax) {
    throw new ColumnError(`has more than ${lengthMax} characters`);
  }
  return value;
}

/**
 * A DECIMAL: base64 of the unscaled two's-complement integer (its scale from the schema, else
 * `scaleWithoutSchema`), `{scale, value}`, plain text, or a number.
 */
export function readDecimal(
  value: JsonValue,
  column: ColumnType | undefined,
  scaleWithoutSchema: number,
): Decimal {
  const decimal = decodeDecimal(value, column, scaleWithoutSchema);
  if (!decimal) throw new ColumnError(`is ${showValue(value)}, not a decimal number`);
  const { precision } = column ?? {};
  const trimmed = decimal.trimmed();
  if (
    trimmed.integerDigits > AMOUNT_INTEGER_DIGITS_MAX ||
    trimmed.scale > AMOUNT_SCALE_MAX ||
    (precision !== undefined && trimmed.integerDigits > Math.max(precision - decimal.scale, 1))
  ) {
    throw new ColumnError(
      `is ${showValue(value)}: at most ${AMOUNT_INTEGER_DIGITS_MAX} digits before the point and ` +
        `${AMOUNT_SCALE_MAX} after it are counted, and no more than the column's own precision`,
    );
  }
  return trimmed;
}

function decodeDecimal(
  value: JsonValue,
  column: ColumnType | undefined,
  scaleWithoutSchema: number,
): Decimal | undefined {
  if (typeof value === 'number') return Decimal.parse(String(value));
  if (typeof value === 'bigint') return Decimal.ofInteger(value);
  if (value instanceof NumberLiteral) return parseText(value.text);
  if (isJsonObject(value)) {
    const { scale, value: unscaled } = value;
    if (typeof scale !== 'number' || typeof unscaled !== 'string') return undefined;
    return decodeUnscaled(unscaled, scale);
  }
  if (typeof value !== 'string') return undefined;
  if (column?.type === 'string') return parseText(value);
  if (column?.type === 'bytes') return decodeUnscaled(value, column.scale ?? scaleWithoutSchema);
  // Without a schema, text with a point or a sign is decimal.handling.mode=string: base64 has
  // neither. Text that could be both ("1234") is base64, since string mode writes the column's scale.
  return decodeUnscaled(value, scaleWithoutSchema) ?? parseText(value);
}

function parseText(text: string): Decimal | undefined {
  return text.length > TEXT_LENGTH_MAX ? undefined : Decimal.parse(text);
}

function decodeUnscaled(base64: string, scale: number): Decimal | undefined {
  if (!Number.isInteger(scale) || Math.abs(scale) > SCALE_MAX) return undefined;
  if (base64 === '' || base64.length > TEXT_LENGTH_MAX || !BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const magnitude = BigInt(`0x${bytes.toString('hex')}`);
  return new Decimal(BigInt.asIntN(bytes.length * 8, magnitude), scale);
}

/** A value for an error message: its type when it is long or nested. */
export function showValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (value instanceof NumberLiteral) return value.text.slice(0, 40);
  if (typeof value === 'string') {
    return value.length <= 40 ? JSON.stringify(value) : `text of ${value.length} characters`;
  }
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return String(value).slice(0, 40);
}
