// Where figures are read from, and how they are rounded. That the sources agree is the oracle's test.
import { expect, test } from 'vitest';
import {
  countQuery,
  dailyStatsQuery,
  type FiguresRow,
  statsQuery,
} from '../../functions/outcomes/query/figures-query.ts';
import { figureParameters } from '../../functions/outcomes/query/parameters.ts';
import { splitRange } from '../../functions/outcomes/query/time-range.ts';
import { renderStats } from '../../functions/outcomes/respond/figures.ts';
import { openApi } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();

const DAYS = 'outcome_days';
const SITE_DAYS = 'outcome_site_days';
const ROWS = 'auction_outcomes';

test.each([
  ['', [DAYS]],
  ['win_status=true&enriched=no&currency=EUR', [DAYS]],
  ['site_domain=a.example', [SITE_DAYS]],
  ['timestamp_after=2025-01-01&timestamp_before=2025-01-31', [DAYS]],
  ['timestamp_after=2025-01-01T00:00:00Z', [DAYS]],
  ['timestamp_before=2025-01-31T23:59:59.999999Z&site_domain=a.example', [SITE_DAYS]],
  ['timestamp_after=2025-01-01T01:00:00%2B01:00', [DAYS]],
  ['timestamp_after=2025-01-01T00:00:00.000001Z', [DAYS, ROWS]],
  ['timestamp_before=2025-01-31T00:00:00Z', [DAYS, ROWS]],
  ['timestamp_after=2025-01-01T01:00:00Z&timestamp_before=2025-01-02T22:00:00Z', [ROWS]],
  ['timestamp_after=2025-01-02&timestamp_before=2025-01-01', [ROWS]],
  ['timestamp_after=9999-12-31T12:00:00Z', [DAYS, ROWS]],
  ['user_id=a', [ROWS]],
  ['bid_id=a&timestamp_after=2025-01-01', [ROWS]],
  ['min_price=0', [ROWS]],
])('figures for "%s" are read from %j', (query, tables) => {
  const filters = figureParameters.parse(Object.fromEntries(new URLSearchParams(query)));
  for (const { texts } of [
    countQuery(filters),
    statsQuery(filters, 'kept'),
    dailyStatsQuery(filters, 'kept'),
  ]) {
    // Behind the question whether the rows are few enough.
    const [, figures = texts.join('?')] = texts.join('?').split('as is_within)');
    const read = figures.match(/(?<=from )(?!reach)\w+/g) ?? [];
    expect([...new Set(read)].sort()).toEqual(tables.toSorted());
  }
});

test('days are whole before 1970 as well', () => {
  const hours = (count: number) => BigInt(count) * 3_600_000_000n;
  expect(splitRange({ first: hours(-60), last: hours(-12) })).toEqual({
    days: { from: -2n, to: -1n },
    ends: [
      { first: hours(-60), last: hours(-48) - 1n },
      { first: hours(-24), last: hours(-12) },
    ],
  });
});

test.each([
  [0, 0, '0.0'],
  [1, 3, '33.33'],
  [2, 3, '66.67'],
  [7, 7, '100.00'],
  // Ties go to the even digit: Python's round(0.125, 2) is 0.12, round(0.375, 2) is 0.38.
  [1, 800, '0.12'],
  [3, 800, '0.38'],
])('%i wins of %i are %s %', (wins, total, shown) => {
  const row: FiguresRow = {
    ...{ currency: null, total: String(total), wins: String(wins), enriched: '0' },
    ...{ revenue: null, average_win_price: null, average_bid_price: null },
  };
  expect(JSON.stringify(renderStats([row]))).toContain(`"win_rate":${shown}`);
});

test('what retention dropped is out of the figures, unless it is asked for', async () => {
  const { sql } = await server.freshDatabase();
  const ask = openApi(sql);
  const outcome = (offset: number, timestamp: string) => ({
    offset,
    value: JSON.stringify({ bid_id: 'b', win_status: true, win_price: '1.10', timestamp }),
  });
  const messages = [outcome(1, '2025-01-10T10:00:00Z'), outcome(2, '2025-03-10T10:00:00Z')];
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  await sql(["select drop_outcomes_before('2025-03-01')"]);

  const total = async (query: string) => {
    const { total_outcomes, total_revenue } = (await ask(`/api/outcomes/stats/?${query}`)).json<
      Record<string, number>
    >();
    return [total_outcomes, total_revenue];
  };
  expect(await total('')).toEqual([1, 1.1]);
  expect(await total('include_dropped=true')).toEqual([2, 2.2]);
  expect(await total('include_dropped=true&timestamp_before=2025-02-01')).toEqual([1, 1.1]);
  const days = await ask('/api/outcomes/daily_stats/?include_dropped=1');
  expect(days.json<{ date: string }[]>().map(({ date }) => date)).toEqual([
    '2025-03-10',
    '2025-01-10',
  ]);
  expect((await ask('/api/outcomes/')).json()).toMatchObject({ count: 1 });

  for (const refused of ['user_id=a', 'min_price=1', 'timestamp_before=2025-02-01T10:00:00Z']) {
    const reply = await ask(`/api/outcomes/stats/?include_dropped=true&${refused}`);
    expect([reply.status, Object.keys(reply.json<object>())]).toEqual([409, ['include_dropped']]);
  }
});
