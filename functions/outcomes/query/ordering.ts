// The `ordering` parameter → sort keys. Names come from a closed list, the rest is dropped, as Django REST
// Framework does. Rows that tie stand by id in the direction of the first key, so every order is total. Pure.

export const SORT_FIELDS = ['timestamp', 'win_price', 'bid_price', 'created_at'] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export interface SortKey {
  readonly field: SortField | 'id';
  readonly isDescending: boolean;
}

/** Never empty; ends with the id. */
export type Ordering = readonly [SortKey, ...SortKey[]];

export const ORDERING_TERMS = SORT_FIELDS.flatMap((field) => [field, `-${field}`] as const);
export type OrderingTerm = (typeof ORDERING_TERMS)[number];

const DEFAULT_TERM: OrderingTerm = '-timestamp';

/** The terms of `-timestamp, win_price` that are allowed, in their order. */
export function allowedTerms(text: string): OrderingTerm[] {
  return termsOf(text).flatMap((term) => ORDERING_TERMS.filter((allowed) => allowed === term));
}

/**
 * `ordering` repeated, as clients send arrays, as one text. The original heeds the last alone: so of a field that
 * several of them name, the last counts.
 */
export function joinedOrdering(values: readonly string[]): string {
  const lists = values.map(termsOf);
  const lastList = new Map(lists.flatMap((terms) => terms.map((term) => [fieldOf(term), terms])));
  return lists
    .flatMap((terms) => terms.filter((term) => lastList.get(fieldOf(term)) === terms))
    .join();
}

const fieldOf = (term: string) => term.replace(/^-/, '');

export function termsOf(text: string): string[] {
  const terms = text.split(',').map((term) => term.trim());
  return terms.filter((term) => term !== '');
}

export function readOrdering(terms: readonly OrderingTerm[]): Ordering {
  const [first = toSortKey(DEFAULT_TERM), ...rest] = terms.map(toSortKey);
  // A field that is named twice has no effect the second time.
  const seen = new Set([first.field]);
  const more = rest.filter(({ field }) => !seen.has(field) && seen.add(field));
  return [first, ...more, { field: 'id', isDescending: first.isDescending }];
}

/** The order from the last row to the first. */
export function reversed([first, ...rest]: Ordering): Ordering {
  const turn = ({ field, isDescending }: SortKey) => ({ field, isDescending: !isDescending });
  return [turn(first), ...rest.map(turn)];
}

/** The same text for the same order, whatever the request wrote. */
export function orderingText(ordering: Ordering): string {
  return ordering.map(({ field, isDescending }) => (isDescending ? `-${field}` : field)).join();
}

function toSortKey(term: OrderingTerm): SortKey {
  const isDescending = term.startsWith('-');
  const field = SORT_FIELDS.find((name) => name === (isDescending ? term.slice(1) : term));
  if (!field) throw new RangeError(`"${term}" is no ordering term.`);
  return { field, isDescending };
}
