// What of a request has no effect, though its sender may think so: parameters and sort keys that do not
// exist, flags that are neither yes nor no. The original ignores them, and so does this API; but the answer
// says so, and with `strict=true` the request is refused. Pure.
import type { Query } from './api-request.ts';
import { closestName } from './closest-name.ts';
import { FLAG_TEXTS } from './flag.ts';
import { ORDERING_TERMS, termsOf } from './ordering.ts';

/** What is wrong with a parameter, by its name as the client sent it. */
export type Complaints = Readonly<Record<string, readonly string[]>>;

const FLAGS = [
  'win_status',
  'enriched',
  'include_dropped',
  'spreadsheet_safe',
  'include_raw_data',
  'deep',
  'strict',
];
const NAMES_MAX = 5;
const NAME_LENGTH_MAX = 60;

/** @param known the parameters of the endpoint. */
export function unheededIn(query: Query, known: readonly string[]): Complaints {
  const found = [...query].flatMap(([name, values]) => {
    const complaint = complaintOf(name, values, known);
    return complaint === undefined ? [] : [[name, [complaint]] as const];
  });
  return Object.fromEntries(found.slice(0, NAMES_MAX));
}

function complaintOf(name: string, values: readonly string[], known: readonly string[]) {
  if (!known.includes(name)) return `Unknown parameter${meant(name, known)}`;
  if (name === 'ordering') return orderingComplaint(values.join());
  const value = values.at(-1) ?? '';
  if (FLAGS.includes(name) && !FLAG_TEXTS.includes(value.toLowerCase())) {
    return `${quoted(value)} counts as false.`;
  }
  return undefined;
}

function orderingComplaint(text: string): string | undefined {
  const unknown = termsOf(text).find((term) => !ORDERING_TERMS.some((known) => known === term));
  if (unknown === undefined) return undefined;
  const [sign] = /^-?/.exec(unknown) ?? [''];
  const known = ORDERING_TERMS.filter((term) => term.startsWith('-') === (sign === '-'));
  return `Unknown sort key ${quoted(unknown)}${meant(unknown, known)}`;
}

function meant(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === undefined ? '.' : `: did you mean ${closest}?`;
}

function quoted(text: string): string {
  return `'${text.slice(0, NAME_LENGTH_MAX)}'`;
}

/** As a `Warning` header has it (RFC 7234, 299): one for each, in ASCII. */
export function warningText(complaints: Complaints): string {
  return Object.entries(complaints)
    .map(
      ([name, texts]) =>
        `299 - "${headerText(`${name.slice(0, NAME_LENGTH_MAX)}: ${texts.join(' ')}`)}"`,
    )
    .join(', ');
}

/** Nothing that could end a header or its quotes; what is not ASCII as its escape. */
function headerText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/["\\]/g, "'")
    .replaceAll(/[^\x20-\x7e]+/g, (odd) => encodeURIComponent(odd));
}
