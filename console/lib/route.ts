// The address ⇄ what is shown. Everything that a person chose is in it, so that a link, Back and reload give
// the same page. What the address holds and no view knows is dropped. Pure.
import { FILTERS, type Filters, filterPairs, ORDERINGS, type Ordering } from './filters.ts';
import { isDay } from './utc-day.ts';

/** With the run so many days earlier, with the run before, or with none. */
export const COMPARISONS = ['1', '7', '30', 'run', 'none'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const PERIODS = ['30', '90', '365', 'all'] as const;
export type Period = (typeof PERIODS)[number];
/** Rows of a page of outcomes. */
export const PAGE_SIZES = ['50', '200', '1000'] as const;
export type PageSize = (typeof PAGE_SIZES)[number];
export const RANKINGS = ['products', 'customers'] as const;
export type Ranking = (typeof RANKINGS)[number];

export interface ReportsRoute {
  readonly view: 'reports';
  /** Of a run; none: the newest. */
  readonly at?: string;
  readonly against: Comparison;
  readonly period: Period;
  /** The rankings that are shown whole. */
  readonly whole: readonly Ranking[];
  /** The list of runs is open; from this day back in time, or from this page of it. */
  readonly runs?: { readonly before?: string; readonly cursor?: string };
}

export interface OutcomesRoute {
  readonly view: 'outcomes';
  readonly filters: Filters;
  readonly ordering: Ordering;
  readonly size: PageSize;
  readonly cursor: string;
  /** Whose revenue is drawn; none: the one with the most outcomes. */
  readonly money?: string;
}

export interface OutcomeRoute {
  readonly view: 'outcome';
  readonly id: string;
  /** To go back to. */
  readonly from: OutcomesRoute;
}

export interface PipelineRoute {
  readonly view: 'pipeline';
  readonly topic?: string;
  readonly cursor: string;
}

export interface QuarantinedRoute {
  readonly view: 'quarantined';
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
}

export interface UnknownRoute {
  readonly view: 'unknown';
}

export type Route =
  | ReportsRoute
  | OutcomesRoute
  | OutcomeRoute
  | PipelineRoute
  | QuarantinedRoute
  | UnknownRoute;

export const HOME: ReportsRoute = { view: 'reports', against: '1', period: '90', whole: [] };
export const ALL_OUTCOMES: OutcomesRoute = {
  view: 'outcomes',
  filters: {},
  ordering: '-timestamp',
  size: '50',
  cursor: '',
};
export const PIPELINE: PipelineRoute = { view: 'pipeline', cursor: '' };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s, 2);
  const parts = path.split('/').filter(Boolean).map(decoded);
  const params = new URLSearchParams(query);
  const [view, ...rest] = parts;
  if (view === undefined) return readReports(params);
  if (view === 'reports' && rest.length === 0) return readReports(params);
  if (view === 'outcomes' && rest.length === 0) return readOutcomes(params);
  const [first = '', second = '', partition = '', offset = ''] = rest;
  if (view === 'outcomes' && rest.length === 1 && /^\d{1,19}$/.test(first)) {
    return { view: 'outcome', id: first, from: readOutcomes(params) };
  }
  if (view === 'pipeline' && rest.length === 0) return readPipeline(params);
  const isRecord = rest.length === 4 && /^\d+$/.test(partition) && /^\d+$/.test(offset);
  if (view === 'pipeline' && first === 'quarantine' && isRecord) {
    return { view: 'quarantined', topic: second, partition, offset };
  }
  return { view: 'unknown' };
}

export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'reports':
      return address('/reports', reportPairs(route));
    case 'outcomes':
      return address('/outcomes', outcomePairs(route));
    case 'outcome':
      return address(`/outcomes/${route.id}`, outcomePairs(route.from));
    case 'pipeline':
      return address('/pipeline', [
        ['topic', route.topic],
        ['cursor', route.cursor],
      ]);
    case 'quarantined':
      return address(
        `/pipeline/quarantine/${encodeURIComponent(route.topic)}/${route.partition}/${route.offset}`,
        [],
      );
    case 'unknown':
      return '#/';
  }
}

type Pair = readonly [string, string | undefined];

function reportPairs({ at, against, period, whole, runs }: ReportsRoute): Pair[] {
  return [
    ['at', at],
    ['against', against === HOME.against ? undefined : against],
    ['period', period === HOME.period ? undefined : period],
    ['whole', whole.join() || undefined],
    ['runs', runs ? (runs.before ?? 'all') : undefined],
    ['cursor', runs?.cursor],
  ];
}

function outcomePairs({ filters, ordering, size, cursor, money }: OutcomesRoute): Pair[] {
  return [
    ...filterPairs(filters),
    ['ordering', ordering === ALL_OUTCOMES.ordering ? undefined : ordering],
    ['rows', size === ALL_OUTCOMES.size ? undefined : size],
    ['money', money],
    ['cursor', cursor],
  ];
}

function readReports(params: URLSearchParams): ReportsRoute {
  const at = params.get('at');
  const runs = params.get('runs');
  const cursor = params.get('cursor');
  const whole = (params.get('whole') ?? '').split(',');
  return {
    view: 'reports',
    ...(at && /^[\dT:.Z_-]{1,40}$/.test(at) && { at }),
    against: oneOf(COMPARISONS, params.get('against')) ?? HOME.against,
    period: oneOf(PERIODS, params.get('period')) ?? HOME.period,
    whole: RANKINGS.filter((name) => whole.includes(name)),
    ...(runs && {
      runs: { ...(isDay(runs) && { before: runs }), ...(cursor && { cursor }) },
    }),
  };
}

function readOutcomes(params: URLSearchParams): OutcomesRoute {
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = params.get(name)?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const money = params.get('money');
  return {
    view: 'outcomes',
    filters,
    ordering: oneOf(ORDERINGS, params.get('ordering')) ?? ALL_OUTCOMES.ordering,
    size: oneOf(PAGE_SIZES, params.get('rows')) ?? ALL_OUTCOMES.size,
    cursor: params.get('cursor') ?? '',
    ...(money && { money }),
  };
}

function readPipeline(params: URLSearchParams): PipelineRoute {
  const topic = params.get('topic');
  return { view: 'pipeline', ...(topic && { topic }), cursor: params.get('cursor') ?? '' };
}

function address(path: string, pairs: readonly Pair[]): string {
  const query = pairs
    .filter(([, value]) => value)
    .map(([name, value = '']) => `${name}=${readable(value)}`)
    .join('&');
  return query ? `#${path}?${query}` : `#${path}`;
}

/** Escaped, but for what stands for itself in a fragment. */
function readable(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/')
    .replaceAll('%2C', ',');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function oneOf<T extends string>(allowed: readonly T[], text: string | null): T | undefined {
  return allowed.find((one) => one === text);
}
