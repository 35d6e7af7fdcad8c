// What a caller may send at worst: answered or refused, each within the bound, whatever the table holds.
import { type Figure, figureOf, median, timeOf } from '../measure.ts';
import type { Bench } from './setting.ts';

const BOUND_MS = 250;
const ROUNDS = 3;

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
    ['', '&page=last', '&page=40', '&page=1500', '&cursor='].flatMap((page) =>
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
  ].map((filter) => `/api/outcomes/${name}/?${filter}`),
);

export async function* benchBounds({ ask }: Bench): AsyncGenerator<Figure> {
  const measured: { url: string; status: number; ms: number }[] = [];
  for (const url of [...LISTS, ...FIGURES]) {
    const times: number[] = [];
    let status = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const ms = await timeOf(async () => {
        status = (await ask(url)).status;
      });
      times.push(ms);
      if (ms > 4 * BOUND_MS) break;
    }
    measured.push({ url, status, ms: median(times) });
  }
  measured.sort((a, b) => b.ms - a.ms);
  const refused = measured.filter(({ status }) => status !== 200).length;
  for (const { url, status, ms } of measured.slice(0, 12)) {
    yield figureOf({
      name: `${url.replace('/api/outcomes/', '')} (${status})`,
      unit: 'ms',
      ours: ms,
      beside: 'bound',
      limit: BOUND_MS,
    });
  }
  yield figureOf({
    name: `of ${measured.length} requests, refused`,
    unit: 'status',
    ours: refused,
    beside: '',
  });
}
