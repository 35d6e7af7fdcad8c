// Integers and text of single columns. Each function answers the value, or throws `ColumnError`. Pure.
import { type JsonValue, NumberLiteral } from './exact-json.ts';
import type { ColumnType } from './message.ts';

/** The value cannot be read: a poison record, not a fault of ours. */
export class ColumnError extends Error {}

const INT64_MAX = 2n ** 63n - 1n;
const INT32_MAX = 2n ** 31n - 1n;

export function readInt64(sent: JsonValue, type?: ColumnType): bigint {
  return readInteger(numberOfDigits(sent, type), INT64_MAX, 'a 64-bit integer');
}

export function readInt32(sent: JsonValue, type?: ColumnType): bigint {
  return readInteger(numberOfDigits(sent, type), INT32_MAX, 'a 32-bit integer');
}

const DIGITS = /^(?:0|-?[1-9]\d{0,18})$/;

/** Protobuf's JSON has its large integers as text, which a schema of bytes would be base64. */
export function numberOfDigits(value: JsonValue, type?: ColumnType): JsonValue {
  const isDigits = typeof value === 'string' && type?.type !== 'bytes' && DIGITS.test(value);
  return isDigits ? BigInt(value) : value;
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
  // No text has more characters than halves of surrogate pairs, which are counted at once.
  if (value.length > lengthMax && [...value].length > lengthMax) {
    throw new ColumnError(`has more than ${lengthMax} characters`);
  }
  return value;
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
