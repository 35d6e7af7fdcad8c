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
/** Within what both a JavaScript Date and PostgreSQL hold: the years -4000 to 270000. */
const instant = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .refine(
    (text) => BigInt(text) > -188_395_000_000_000_000n && BigInt(text) < 8_458_000_000_000_000_000n,
  );
const price = z.string().regex(/^-?\d{1,131072}(\.\d{1,16383})?$/);
const id = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((text) => BigInt(text) <= BIGINT_MAX);

const KEY_SCHEMAS: Readonly<Record<SortKey['field'], z.ZodType<string>>> = {
  timestamp: instant,
  created_at: instant,
  win_price: price,
  bid_price: price,
  id,
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
  const areKeysValid = ordering.every(
    ({ field }, index) => KEY_SCHEMAS[field].safeParse(data.k[index]).success,
  );
  return areKeysValid ? { keys: data.k, isBackward: data.b } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
