// I146: what one plan serves for all values is planned once a connection; where nothing may be kept there, nothing is.
import { beforeAll, expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { readOrdering } from '../../functions/outcomes/query/ordering.ts';
import { positionQuery, SUMMARY_COLUMNS } from '../../functions/outcomes/query/outcomes-query.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { ServerError } from '../../functions/platform/database-errors.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const TIMES = 10;
const selection = {
  columns: SUMMARY_COLUMNS,
  filters: { timestamp_after: undefined, timestamp_before: undefined },
  ordering: readOrdering([]),
};
let env: Environment;

beforeAll(async () => {
  const database = await server.freshDatabase();
  env = database.env;
  await database.sql`select make_outcome_partitions(array_agg(day::date))
    from generate_series(now() - interval '1 year', now(), interval '1 month') as day`;
  await database.sql`insert into auction_outcomes (bid_id, user_id, site_domain, win_status, win_price, bid_price, currency,
      enriched, "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
    select 'bid-' || n, 'user', 'site', false, 0, 1, 'USD', false, now() - n * interval '1 hour', '[]', '{}', 'topic', 0, n
    from generate_series(1, 1000) as n`;
  await database.sql.unsafe('analyze auction_outcomes');
});

/** A page from each of several places. */
async function readPages(sql: Sql): Promise<readonly string[]> {
  const { servedRows } = makeOutcomesStore(sql);
  const firsts: string[] = [];
  for (let hour = 0; hour < TIMES; hour += 1) {
    const micros = (Date.now() - (hour + 0.5) * 3_600_000) * 1_000;
    const position = { keys: [String(micros), '0'], isBackward: false };
    const [first] = await servedRows(positionQuery(selection, position, 5));
    firsts.push(first?.bid_id ?? 'none');
  }
  return firsts;
}

function plansOf(sql: Sql) {
  return sql`select generic_plans::int as once, custom_plans::int as anew from pg_prepared_statements
    where statement like 'select id, bid_id%'`;
}

test('a page is planned once, wherever it is, and its connection is as it was', async () => {
  const sql = server.connect(env, 1);
  expect(new Set(await readPages(sql)).size).toBe(TIMES);
  expect(await plansOf(sql)).toEqual([{ once: TIMES, anew: 0 }]);
  expect(await sql`show plan_cache_mode`).toEqual([{ plan_cache_mode: 'auto' }]);
  expect(await sql`select pg_current_xact_id_if_assigned() as xact`).toEqual([{ xact: null }]);
});

test('one outcome is found by plans for all months', async () => {
  const sql = server.connect(env, 1);
  const [lookup] =
    await sql`select proconfig::text as settings from pg_proc where proname = 'outcomes_of_id'`;
  expect(lookup).toEqual({ settings: '{plan_cache_mode=force_generic_plan}' });
});

test('behind a proxy nothing is kept or set, and the pages are the same', async () => {
  const kept = await readPages(server.connect(env, 1));
  const sql = server.connect({ ...env, [ENV.dbSessionSettings]: 'role' }, 1);
  expect(await readPages(sql)).toEqual(kept);
  expect(await plansOf(sql)).toEqual([]);
  const mode = await sql.byOnePlan`select current_setting(${'plan_cache_mode'}::text) as mode`;
  expect(mode).toEqual([{ mode: 'auto' }]);
});

test('it only reads, and one that fails is told and leaves nothing behind', async () => {
  const sql = server.connect(env, 1);
  await expect(sql.byOnePlan`select 1 / ${0}::int`).rejects.toBeInstanceOf(ServerError);
  const written = sql.byOnePlan`delete from auction_outcomes where id = ${1}::bigint`;
  await expect(written).rejects.toThrow('read-only');
  expect(await sql`show plan_cache_mode`).toEqual([{ plan_cache_mode: 'auto' }]);
});
