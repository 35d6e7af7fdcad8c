// What DynamoDB refuses and dynalite would take, or be lost in: how deep values are nested, how long and how nested
// expressions are. Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html. Pure.

export const REQUEST_BYTES_MAX = 16 * 1024 * 1024;

const NESTING_MAX = 32;
/** A value of 32 levels in a BatchWriteItem has 72; nothing deeper is given to a parser that recurses. */
const JSON_NESTING_MAX = 100;
const EXPRESSION_BYTES_MAX = 4096;
/** dynalite's own: its parser takes ten times as long for each further level. */
const PARENTHESES_MAX = 4;

const LONG_PATH = new RegExp(`(?:\\.[#\\w]+|\\[\\d+\\]){${NESTING_MAX},}`);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** @returns why DynamoDB would refuse the request, or undefined. */
export function limitPassed(body: Buffer): string | undefined {
  if (jsonNesting(body) > JSON_NESTING_MAX) return TOO_NESTED;
  try {
    const request: unknown = JSON.parse(body.toString());
    return expressionLimitPassed(request) ?? valueLimitPassed(request);
  } catch {
    return undefined; // Not JSON: dynalite says so.
  }
}

const TOO_NESTED = 'Nesting Levels have exceeded supported limits';

function valueLimitPassed(request: unknown): string | undefined {
  return valueNesting(request) > NESTING_MAX ? TOO_NESTED : undefined;
}

function expressionLimitPassed(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const isExpression = name.endsWith('Expression') && typeof inner === 'string';
    const passed = isExpression ? checkExpression(inner) : expressionLimitPassed(inner);
    if (passed) return isExpression ? `Invalid ${name}: ${passed}` : passed;
  }
  return undefined;
}

function checkExpression(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > EXPRESSION_BYTES_MAX) {
    return `Expression size has exceeded the maximum allowed size; expression size: ${bytes}`;
  }
  if (LONG_PATH.test(text.replaceAll(/\s/g, ''))) {
    return `The document path has too many nesting elements; at most ${NESTING_MAX} are allowed`;
  }
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth > PARENTHESES_MAX) {
      return `This local DynamoDB takes at most ${PARENTHESES_MAX} parentheses in each other`;
    }
  }
  return undefined;
}

/** Without recursion: the text may be a list in a list, 200,000 times over. */
function jsonNesting(json: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (OPENING.has(byte)) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (CLOSING.has(byte)) depth -= 1;
  }
  return deepest;
}

/** How many maps and lists are in each other. */
function valueNesting(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, valueNesting(inner));
  return deepest + (isNest(value) ? 1 : 0);
}

function isNest(value: object): boolean {
  const [[name, inner] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof inner !== 'object' || inner === null) return false;
  return name === 'L' ? Array.isArray(inner) : name === 'M';
}
