// A message's JSON with every number as it was written, and a check that PostgreSQL can store all of
// it. What passes goes into `raw_data` as it stands, so nothing the check did not see is stored. Pure.

/** A number's text: no digit of a price or an id goes through a float. */
export interface NumberText {
  readonly rawJSON: string;
}

export type Json = null | boolean | string | NumberText | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

const DEPTH_MAX = 500;
/** Far below what `numeric` and `jsonb` take, far above what anybody means. */
const RAW_DIGITS_MAX = 1_000;
const DECIMAL =
  /^[+-]?(?:(?<whole>\d+)\.?(?<fraction>\d*)|\.(?<only>\d+))(?:[eE](?<exponent>[+-]?\d+))?$/;

/** @throws {SyntaxError | RangeError} when the text is not JSON, or nested beyond the stack. */
export function parseMessage(text: string): Json {
  return JSON.parse<Json>(text, (_name, value, { source }) =>
    typeof value === 'number' && source !== undefined ? toNumberText(source) : value,
  );
}

/** Escapes, a number that might have more digits than may be stored, or a CloudEvent, whose attributes say nothing. */
const NEEDS_A_CLOSER_LOOK = /\\|\d[eE][+-]?\d{3}|\d{900}|"specversion"/;
const OPENINGS = /[[{]/g;
const NUMBER_AFTER_NAME = /\s*:\s*(-?\d[\d.eE+-]*)/y;

/**
 * The named members of a message that is an object and surely storable, numbers as they were written; `undefined` when that
 * takes a closer look. Nine of ten messages are such, and JSON.parse alone is much faster than with every number's source.
 * @throws {SyntaxError} when the text is not JSON.
 */
export function readPlainMessage(text: string, names: readonly string[]): JsonObject | undefined {
  if (NEEDS_A_CLOSER_LOOK.test(text) || mayBeTooDeep(text)) return undefined;
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const message = parsed as Record<string, unknown>;
  const read: Record<string, Json> = {};
  for (const name of names) {
    if (!Object.hasOwn(message, name)) continue;
    const value = message[name];
    const exact = typeof value === 'number' ? numberAfter(text, name) : plainValue(value);
    if (exact === undefined) return undefined;
    read[name] = exact;
  }
  return read;
}

function mayBeTooDeep(text: string): boolean {
  return text.length > 2 * DEPTH_MAX && (text.match(OPENINGS)?.length ?? 0) > DEPTH_MAX;
}

/** Without escapes a name that stands once in the text stands there as this member's name. */
function numberAfter(text: string, name: string): NumberText | undefined {
  const token = `"${name}"`;
  const start = text.indexOf(token);
  if (text.includes(token, start + 1)) return undefined;
  NUMBER_AFTER_NAME.lastIndex = start + token.length;
  const source = NUMBER_AFTER_NAME.exec(text)?.[1];
  return source === undefined ? undefined : toNumberText(source);
}

/** Text, a flag, null or a list of texts: nothing in it that parsing could have changed. */
function plainValue(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return isTexts ? value : undefined;
}

function toNumberText(source: string): NumberText {
  return JSON.rawJSON(source) as NumberText;
}

export function isNumberText(value: unknown): value is NumberText {
  return JSON.isRawJSON(value);
}

export function isObject(value: Json): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumberText(value)
  );
}

/** Whether the text is a decimal number of at most so many digits on each side of the point. */
export function isDecimalWithin(text: string, digitsMax: number): boolean {
  const { whole = '', fraction = '', only = '', exponent = '0' } = DECIMAL.exec(text)?.groups ?? {};
  if (whole + only === '') return false;
  const digitsBefore = whole.replace(/^0+/, '').length + Number(exponent);
  const digitsAfter = (fraction + only).length - Number(exponent);
  return digitsBefore <= digitsMax && digitsAfter <= digitsMax && text.length <= 3 * digitsMax;
}

/** Why PostgreSQL would refuse to store the value, naming the field; `undefined` when it would not. */
export function whyNotStorable(value: Json, field = '', depth = 0): string | undefined {
  if (typeof value === 'string') return whyNotText(value, field);
  if (typeof value !== 'object' || value === null) return undefined;
  if (isNumberText(value)) return whyNotNumber(value, field);
  if (depth > DEPTH_MAX) return `${field}: nested deeper than the ${DEPTH_MAX} levels allowed`;
  for (const [name, member] of Object.entries(value)) {
    const path = depth === 0 ? name : field;
    const reason = whyNotText(name, 'a name') ?? whyNotStorable(member, path, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyNotText(text: string, field: string): string | undefined {
  if (text.includes('\0'))
    return `${field}: holds a NUL character; all other characters are allowed`;
  if (!text.isWellFormed())
    return `${field}: holds half a surrogate pair; only whole characters are allowed`;
  return undefined;
}

function whyNotNumber({ rawJSON }: NumberText, field: string): string | undefined {
  if (isDecimalWithin(rawJSON, RAW_DIGITS_MAX)) return undefined;
  return `${field}: a number of more than the ${RAW_DIGITS_MAX} digits allowed on each side of the point`;
}
