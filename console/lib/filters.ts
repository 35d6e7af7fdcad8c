// The filters of the outcomes, as the API names them. Empty is no filter. Pure.

export const FILTERS = [
  'win_status',
  'enriched',
  'currency',
  'site_domain',
  'user_id',
  'bid_id',
  'min_price',
  'max_price',
  'timestamp_after',
  'timestamp_before',
] as const;

export type FilterName = (typeof FILTERS)[number];
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** Those by which rollups cannot answer: the API then reads rows, which takes a while. */
const ROW_FILTERS: readonly FilterName[] = ['user_id', 'bid_id', 'min_price', 'max_price'];

export function withFilter(filters: Filters, name: FilterName, value: string | undefined): Filters {
  const { [name]: _, ...others } = filters;
  const trimmed = value?.trim();
  return trimmed ? { ...others, [name]: trimmed } : others;
}

export function hasFilter(filters: Filters): boolean {
  return FILTERS.some((name) => filters[name] !== undefined);
}

export function needsRows(filters: Filters): boolean {
  return ROW_FILTERS.some((name) => filters[name] !== undefined);
}

export function filterPairs(filters: Filters): [string, string][] {
  return FILTERS.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
}

/** Those that an index answers in order; another one would sort all rows on every page. */
export const ORDERINGS = ['-timestamp', 'timestamp', '-win_price', 'win_price'] as const;
export type Ordering = (typeof ORDERINGS)[number];
