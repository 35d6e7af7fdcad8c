// I87: what the database refuses for now is a 503 that says so and when to come again; a probe has its answer
// within a second. Each refusal is a real one of a real server.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, openApi, type Reply } from '../support/api.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const URLS = ['/api/outcomes/', '/api/outcomes/1/', '/api/outcomes/stats/', '/api/outcomes.csv'];

const asked = (reply: Reply) => [reply.status, reply.headers['retry-after'], reply.json()];
const refused = (detail: string) => [503, '5', { detail }];

/** As the API's function has it: one connection. */
function connect(env: Environment): { readonly sql: Sql; readonly ask: Ask } {
  const sql = makePostgres(env, { functionName: 'serve-api', connectionsMax: 1 });
  return { sql, ask: openApi(sql) };
}

test('a lock that is not given in time', async () => {
  const { env, sql: holder } = await server.freshDatabase();
  const { sql, ask } = connect(env);
  await sql.unsafe("set lock_timeout = '50ms'");
  await holder.begin(async (statement) => {
    await statement(['lock table auction_outcomes, outcome_days in access exclusive mode']);
    // An export that fails ends its connection, and with it the setting: so it comes last.
    for (const url of ['/api/health/', '/api/health/?deep=true', ...URLS]) {
      const busy = 'The database is busy: others hold what this request needs.';
      expect([url, ...asked(await ask(url))]).toEqual([url, ...refused(busy)]);
    }
  });
  expect((await ask('/api/outcomes/')).status).toBe(200);
  await sql.end();
});

/** The server itself raises them: a function in the way of every query. */
test.each([
  ['53100', 'The database has no space left on its disk.'],
  ['53200', 'The database is out of memory.'],
  ['53400', 'The database is not available.'],
  ['57P01', 'The database is not available.'],
  ['57P05', 'The database is not available.'],
  ['58030', 'The database is not available.'],
  ['40001', 'The database is busy: others hold what this request needs.'],
])('%s of the server', async (code, detail) => {
  const { env, sql: owner } = await server.freshDatabase();
  await owner.unsafe(`
    create function refuse() returns boolean language plpgsql as
      $$ begin raise exception 'secret' using errcode = '${code}'; end $$;
    create view refused as select * from auction_outcomes where refuse();
    alter table auction_outcomes rename to hidden;
    alter view refused rename to auction_outcomes;
    insert into hidden (bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
      "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
    select 'b', 'u', 's', true, 1, 1, 'USD', true, now(), '[]', '{}', 't', 0, 1`);
  const { sql, ask } = connect(env);
  for (const url of ['/api/outcomes/1/', '/api/outcomes.ndjson', '/api/health/']) {
    expect([url, ...asked(await ask(url))]).toEqual([url, ...refused(detail)]);
  }
  await sql.end();
});

test('no connection left', async () => {
  const { env, sql: owner } = await server.freshDatabase();
  const name = String(env.DB_NAME);
  await owner.unsafe(`create role crowd login password 'x' connection limit 0`);
  const { sql, ask } = connect({ ...env, DB_USER: 'crowd', DB_PASSWORD: 'x' });
  for (const url of [...URLS, '/api/health/']) {
    expect([url, ...asked(await ask(url))]).toEqual([
      url,
      ...refused('The database is not available.'),
    ]);
  }
  expect((await ask('/api/outcomes/')).text).not.toContain(name);
  await sql.end();
});

test('a frozen server: a probe has its answer within a second, and all is well after', async () => {
  const { env, sql: watcher } = await server.freshDatabase();
  const { sql, ask } = connect(env);
  const [row] = await sql.unsafe<{ pid: number }>('select pg_backend_pid() as pid');
  const [main] = await watcher.unsafe<{ pid: string }>(
    "select split_part(pg_read_file('postmaster.pid'), e'\\n', 1) as pid",
  );
  const signal = (name: string) =>
    execFileSync('kill', [name, String(row?.pid), String(main?.pid)].map(String));
  expect((await ask('/api/health/')).status).toBe(200);
  signal('-STOP');
  try {
    const { ask: newcomer, sql: other } = connect(env);
    for (const probe of [ask, ask, newcomer]) {
      const started = performance.now();
      const reply = await probe('/api/health/');
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(asked(reply)).toEqual(refused('The database did not answer within 700 ms.'));
    }
    setTimeout(() => signal('-CONT'), 100);
    expect((await ask('/api/health/?deep=true')).status).toBe(200);
    await other.end();
  } finally {
    signal('-CONT');
  }
  const { reports } = (await ask('/api/health/?deep=true')).json<{ reports: object }>();
  expect(reports).toEqual({ written_at: null });
  await sql.end();
});
