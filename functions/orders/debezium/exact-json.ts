// JSON whose numbers keep every digit. `JSON.parse` alone rounds what a double cannot hold: nanosecond
// times, large ids and LSNs, decimals written as numbers. Pure.

/** A number literal that a double may not hold exactly, as it stood in the text. */
export class NumberLiteral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | NumberLiteral
  | JsonValue[]
  | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

// An integer that may pass 2^53, or a fraction with more digits than a double keeps. Debezium's own
// ts_ns fields stand in every event and are never read, so they do not count.
const BEHIND_A_NAME = /(?<!ts_ns"):\s*-?(?:9\d{15}|\d{17}|(?=[\d.]{17})\d+\.\d)/;
/** As a key may be: a number alone, or in a list. */
const ALONE_OR_LISTED = /(?:^|[[,:])\s*-?(?:9\d{15}|\d{17}|(?=[\d.]{17})\d+\.\d)/;

const mayLoseDigits = (text: string) =>
  (text.startsWith('{') ? BEHIND_A_NAME : ALONE_OR_LISTED).test(text);

/**
 * Thrown where a number is not what the text says: the text must be read by `parseExactJson`. One for all, as
 * each new one would note a stack, for a whole topic at every record.
 */
export const LOST_DIGITS = new Error('A number has lost digits.');

/**
 * Passes a number on that `JSON.parse` read from the text, if it kept its digits. Looking through every
 * text would cost as much as parsing it, and of the numbers that are read few can have lost any.
 * @throws {@link LOST_DIGITS}
 */
export function keepDigits(value: JsonValue, text: string, isDecimal: boolean): JsonValue {
  // A fraction may have become whole: 999999999999999.99 is 1000000000000000 as a double.
  if (typeof value !== 'number' || (!isDecimal && Number.isSafeInteger(value))) return value;
  if (mayLoseDigits(text)) throw LOST_DIGITS;
  return value;
}

/** @throws {SyntaxError} when the text is not JSON, or nested deeper than it can be read. */
export function parseExactJson(text: string): JsonValue {
  if (!mayLoseDigits(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, reviveExactly);
  } catch (error) {
    // Only the exact way goes down into a value with the stack.
    if (error instanceof RangeError) throw new SyntaxError('it is nested too deeply');
    throw error;
  }
}

function reviveExactly(_name: string, value: JsonValue, context: { source?: string }): JsonValue {
  if (typeof value !== 'number' || context.source === undefined) return value;
  const { source } = context;
  if (Number.isSafeInteger(value) && /^-?\d+$/.test(source)) return value;
  if (/^-?\d{1,40}$/.test(source)) return BigInt(source);
  return source.length <= 15 ? value : new NumberLiteral(source);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof NumberLiteral)
  );
}
