// What each field of a message may hold, and what stands for it when it is missing. The rules in
// words, case by case: docs/outcomes-ingest.md. Pure.
import * as z from 'zod';
import { parseInstant } from './instant.ts';
import {
  isDecimalWithin,
  isNumberText,
  type Json,
  type JsonObject,
  type NumberText,
} from './message-json.ts';
import { unwrapUnion } from './wrapper.ts';

const TEXT_LENGTH_MAX = 255;
/** Of ISO 4217. The figures are kept and answered by currency: any three characters would be too many. */
export const CURRENCIES: ReadonlySet<string> = new Set([
  ...Intl.supportedValuesOf('currency'),
  // Of that list, but not of money that goes by hand: funds, units of account, metals, Venezuela's other bolívar.
  ...['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'USN', 'UYI', 'UYW', 'VED', 'XAD', 'XAG', 'XAU'],
  ...['XBA', 'XBB', 'XBC', 'XBD', 'XCG', 'XDR', 'XPD', 'XPT', 'XSU', 'XUA', 'ZWG'],
]);
/** The original took such, too. */
const SYMBOL = /^(\p{Sc}|\p{Emoji_Presentation}|[A-Za-z])\1{0,2}$/u;
/** Sums of such prices stay finite as doubles, for the readers that take them as such. */
const PRICE_DIGITS_MAX = 100;

const NOT_TEXT = 'must be text';
const NOT_IDENTIFIER = 'must be text or a number';
const NOT_FLAG = 'must be true, "true", "yes", "1" or 1, or false, "false", "no", "0" or 0';
const NOT_PRICE = `must be a finite decimal number, or text of one, of at most ${PRICE_DIGITS_MAX} digits on each side of the point`;
const NOT_CURRENCY =
  'must be a code of ISO 4217 such as EUR, in any case, or one symbol up to three times';
const NOT_URL = 'must be a URL with a host, as there is no site_domain';
const NOT_INSTANT =
  'must be text of a real date and time in ISO 8601, such as 2025-01-31T23:59:59.123456Z';

const numberText = z.custom<NumberText>(isNumberText).transform((number) => number.rawJSON);

function atMost(lengthMax: number) {
  const isShortEnough = (text: string) => text.length <= lengthMax || [...text].length <= lengthMax;
  return z.string().refine(isShortEnough, `must be at most ${lengthMax} characters long`);
}

const domain = z.string(NOT_TEXT).pipe(atMost(TEXT_LENGTH_MAX));
const currency = z
  .string(NOT_CURRENCY)
  .refine((text) => CURRENCIES.has(text.toUpperCase()) || SYMBOL.test(text), NOT_CURRENCY);

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Without a scheme it begins with the host: `/path` has none, nor has `mailto:a@b.example`. */
const HOST_FIRST = /^(?:\/\/)?[^/\\?#@]+(?:[/?#]|$)/;

function hostOf(text: string): string {
  if (SCHEME.test(text)) return URL.parse(text)?.hostname ?? '';
  return HOST_FIRST.test(text) ? (URL.parse(`https://${text}`)?.hostname ?? '') : '';
}

/** Lower case and without the port, as browsers have it. */
const hostOfUrl = z
  .string(NOT_URL)
  .transform(hostOf)
  .pipe(z.string().min(1, NOT_URL))
  .pipe(atMost(TEXT_LENGTH_MAX));

/** Producers number their users and bids, too: the digits as they were written. */
const identifier = z.union([z.string(), numberText], NOT_IDENTIFIER).pipe(atMost(TEXT_LENGTH_MAX));

const flagWord = z.stringbool({ truthy: ['true', 'yes', '1'], falsy: ['false', 'no', '0'] });
const flag = z.union([z.boolean(), flagWord, numberText.pipe(flagWord)], NOT_FLAG);

const price = z
  .union([z.string().trim(), numberText], NOT_PRICE)
  .refine((text) => isDecimalWithin(text, PRICE_DIGITS_MAX), NOT_PRICE);

const instant = z.string(NOT_INSTANT).transform((text, context) => {
  const read = parseInstant(text);
  if (read === undefined) context.addIssue({ code: 'custom', message: NOT_INSTANT });
  return read ?? z.NEVER;
});

const list = z.custom<readonly Json[]>(Array.isArray, 'must be a list');

/** The fields that fill columns, without those that are missing: see `presentFields`. */
export const outcomeFields = z.object({
  bid_request_id: identifier.optional(),
  bid_id: identifier.default('unknown'),
  user_id: identifier.default('unknown'),
  site_domain: domain.optional(),
  page_url: hostOfUrl.optional(),
  win_status: flag.default(false),
  win_price: price.default('0.00'),
  bid_price: price.default('0.00'),
  currency: currency.default('USD'),
  enriched: flag.default(false),
  user_interests: list.default([]),
  timestamp: instant.optional(),
  auction_timestamp: instant.optional(),
});
export const FIELD_NAMES: readonly string[] = Object.keys(outcomeFields.shape);
export type OutcomeFields = z.output<typeof outcomeFields>;

/** Fields in which empty text says "no value", as null does in every field. */
const MISSING_WHEN_EMPTY = new Set([
  ...['bid_request_id', 'bid_id', 'site_domain', 'page_url', 'currency'],
  ...['timestamp', 'auction_timestamp'],
]);

/** The message's fields that have a value. `page_url` is of use only where there is no site_domain. */
export function presentFields(message: JsonObject): Record<string, Json> {
  const present: Record<string, Json> = {};
  for (const name of FIELD_NAMES) {
    const value = Object.hasOwn(message, name) ? unwrapUnion(message[name] ?? null) : null;
    if (value === null || (value === '' && MISSING_WHEN_EMPTY.has(name))) continue;
    if (name === 'page_url' && present.site_domain !== undefined) continue;
    present[name] = value;
  }
  return present;
}

/** Whether a message says anything of an outcome: a timestamp alone is in messages of any kind. */
export function saysSomething(fields: Readonly<Record<string, Json>>): boolean {
  return Object.keys(fields).some((name) => name !== 'timestamp');
}

const OF_A_BID = ['bid_request_id', 'bid_id', 'win_status', 'win_price', 'bid_price'];

/**
 * Of a message that says nothing of a bid itself: the first of its names that would, written otherwise (`winPrice`).
 * With a currency or a user beside it, it would pass for a bid that was lost.
 */
export function misnamedField(
  fields: Readonly<Record<string, Json>>,
  text: string,
): { readonly name: string; readonly meant: string } | undefined {
  if (OF_A_BID.some((name) => fields[name] !== undefined)) return undefined;
  const letters = (name: string) => name.replaceAll(/[_-]/g, '').toLowerCase();
  for (const name of Object.keys(JSON.parse(text))) {
    const meant = OF_A_BID.find((one) => letters(one) === letters(name));
    if (meant !== undefined && meant !== name) return { name, meant };
  }
  return undefined;
}
