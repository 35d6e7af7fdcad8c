// What a caller may send at worst: answered or refused, each within the bound, whatever the table holds.
import type { Sql } from 'postgres';
import { type Figure, figureOf, median, ownProcessor, processorOf, timeOf } from '../measure.ts';
import type { AskApi, Bench } from './setting.ts';

const BOUND_MS = 250;
const ROUNDS = 3;
const SHOWN = 12;

const LISTS = [
  '-timestamp',
  'timestamp',
  'win_price',
  '-win_price',
  'bid_price',
  '-bid_price',
  'created_at',
  '-created_at',
]
  .concat(['win_price,-timestamp', 'bid_price,created_at'])
  .flatMap((ordering) =>
    ['', '&page=last', '&page=40', '&page=200', '&page=1500', '&cursor='].flatMap((page) =>
      [
        ...[
          '',
          '&win_status=true',
          '&currency=GBP',
          '&currency=XXX',
          '&enriched=true',
          '&min_price=0.5',
          '&max_price=0',
        ],
        ...[
          '&user_id=user-0',
          '&user_id=nobody',
          '&site_domain=site-0.example.com',
          '&bid_id=nothing',
        ],
        ...[
          '&currency=GBP&win_status=true&min_price=3',
          '&user_id=user-0&currency=XXX',
          '&min_price=1000',
          '&user_id=user-40',
          '&site_domain=site-9.example.com&min_price=0.1',
          '&site_domain=site-0.example.com&user_id=user-0',
        ],
      ].map((filter) => `/api/outcomes/?ordering=${ordering}${page}${filter}`),
    ),
  );

const FIGURES = ['stats', 'daily_stats'].flatMap((name) =>
  [
    ...[
      '',
      'min_price=0',
      'min_price=0.5',
      'max_price=0',
      'user_id=user-0',
      'site_domain=site-0.example.com',
    ],
    ...[
      'currency=XXX',
      'min_price=3&currency=GBP',
      'user_id=user-0&min_price=1',
      'bid_id=nothing',
      'min_price=1000',
    ],
    'site_domain=site-0.example.com&min_price=0.1',
    'site_domain=site-0.example.com&user_id=user-0',
    'site_domain=site-9.example.com&min_price=0.1',
    'min_price=2',
    'user_id=user-0&currency=USD',
  ].map((filter) => `/api/outcomes/${name}/?${filter}`),
);

interface Measured {
  readonly url: string;
  readonly status: number;
  /** Wall time, which the machine's other work lengthens. */
  readonly ms: number;
  /** Of the server's processes and of this one. */
  readonly processorMs: number;
}

export async function* benchBounds({ sql, ask }: Bench): AsyncGenerator<Figure> {
  const measured: Measured[] = [];
  for (const url of [...LISTS, ...FIGURES]) measured.push(await measure(sql, ask, url));
  yield* slowest(measured, 'ms', 'ms');
  yield* slowest(measured, 'processorMs', 'ms of processor');
  const refused = measured.filter(({ status }) => status !== 200).length;
  yield figureOf({
    name: `of ${measured.length} requests, refused`,
    unit: 'status',
    ours: refused,
    beside: '',
  });
}

async function measure(sql: Sql, ask: AskApi, url: string): Promise<Measured> {
  const times: number[] = [];
  const processorTimes: number[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await processorOfAll(sql);
    const ms = await timeOf(async () => {
      status = (await ask(url)).status;
    });
    times.push(ms);
    processorTimes.push(((await processorOfAll(sql)) - before) / 1e3);
    if (ms > 4 * BOUND_MS) break;
  }
  return { url, status, ms: median(times), processorMs: median(processorTimes) };
}

async function processorOfAll(sql: Sql): Promise<number> {
  const processes = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where backend_type in ('client backend', 'io worker')`;
  return processes.reduce((sum, { pid }) => sum + processorOf(pid), ownProcessor());
}

function* slowest(measured: readonly Measured[], by: 'ms' | 'processorMs', unit: string) {
  for (const one of measured.toSorted((a, b) => b[by] - a[by]).slice(0, SHOWN)) {
    yield figureOf({
      name: `${one.url.replace('/api/outcomes/', '')} (${one.status})`,
      unit,
      ours: one[by],
      beside: 'bound',
      limit: BOUND_MS,
    });
  }
}
