// The `cursor` parameter: the sort keys of a row, and which way to go from it. It holds no offset, so a page
// costs the same wherever it is, and rows that come in meanwhile neither repeat others nor hide them. Opaque
// to clients; whatever comes back from them is checked whole before it is used. Pure.
import * as z from 'zod';
import { type Ordering, orderingText, type SortKey } from './ordering.ts';

export interface Position {
  /** The sort keys of the row that the page comes after, in their order, as text. */
  readonly keys: readonly string[];
  /** To the rows before it instead. */
  readonly isBackward: boolean;
}

const BIGINT_MAX = 9_223_372_036_854_775_807n;
/** Microseconds of the years -4000 and 270000: what PostgreSQL and a JavaScript Date both hold. */
const INSTANT_MIN = -188_395_000_000_000_000n;
const INSTANT_MAX = 8_458_000_000_000_000_000n;
const PRICE = /^-?\d{1,1000}(\.\d{1,1000})?$/;

const isWhole = (text: string, min: bigint, max: bigint) =>
  /^-?\d{1,19}$/.test(text) && BigInt(text) >= min && BigInt(text) <= max;
const isInstant = (text: string) => isWhole(text, INSTANT_MIN, INSTANT_MAX);
const isPrice = (text: string) => PRICE.test(text);

const CHECKS: Readonly<Record<SortKey['field'], (text: string) => boolean>> = {
  timestamp: isInstant,
  created_at: isInstant,
  win_price: isPrice,
  bid_price: isPrice,
  id: (text) => isWhole(text, 0n, BIGINT_MAX),
};

const cursorSchema = z.strictObject({
  o: z.string(),
  b: z.boolean(),
  k: z.array(z.string()),
});

export function encodeCursor(ordering: Ordering, { keys, isBackward }: Position): string {
  const content = { o: orderingText(ordering), b: isBackward, k: keys };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** `undefined` when it is no cursor of this API, or one of another ordering. */
export function decodeCursor(ordering: Ordering, text: string): Position | undefined {
  const { data } = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (data?.o !== orderingText(ordering) || data.k.length !== ordering.length) return undefined;
  const areKeysValid = ordering.every(({ field }, index) => CHECKS[field](data.k[index] ?? ''));
  return areKeysValid ? { keys: data.k, isBackward: data.b } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
