// I107: the outcomes of the service that this one replaces come over once, with their ids and digits; the rollups are
// exact at each moment; what is stopped goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { auditRollups } from '../../functions/outcomes/store/rollups-store.ts';
import { hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { importOutcomes } from '../../operate/import/import-outcomes.ts';
import { openSourceTable } from '../../operate/import/source-table.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { connectTo } from '../support/data-directory-sql.ts';

const ROWS = 12_000;
const TABLE = 'outcomes_auctionoutcome';
const TOPIC = `import.${TABLE}`;

/** One server for both sides; the other service's table is beside ours. */
async function openBoth() {
  const stores = await openStores(temporaryDirectory(), { command: 'start', env: {} });
  onTestFinished(() => stores.close());
  const functions = await hostFunctions(surroundingsOf(stores, {}));
  await functions.invoke('migrate-database', '{}');
  await functions.close();
  const sql = await connectTo(stores);
  onTestFinished(() => sql.end());
  await sql.unsafe(`
    create table ${TABLE} (
      id bigserial primary key, bid_id varchar(255), user_id varchar(255), site_domain varchar(255),
      win_status boolean, win_price numeric(12, 6), bid_price numeric(12, 6), currency varchar(3), enriched boolean,
      "timestamp" timestamptz, auction_timestamp timestamptz, user_interests jsonb, raw_data jsonb,
      created_at timestamptz default now(), updated_at timestamptz default now()
    )`);
  await sql.unsafe(`
    insert into ${TABLE} (id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
      "timestamp", auction_timestamp, user_interests, raw_data)
    select 3 * n, 'b' || n, 'u' || n % 60, 's' || n % 5 || '.example', n % 3 = 0, n / 1000.0, n / 999.0, 'USD', n % 2 = 0,
      now() - n * interval '10 minutes', null, '["cars"]', json_build_object('n', n)
    from generate_series(1, ${ROWS}) as n`);
  const env = await stores.openDatabase();
  const url = `postgres://${env.DB_USER}:${env.DB_PASSWORD}@${env.DB_HOST}:${env.DB_PORT}/${env.DB_NAME}`;
  return { stores, sql, url };
}

test('every row once, with its id and digits, although it is stopped in between', async () => {
  const { stores, sql, url } = await openBoth();
  const source = await openSourceTable(url, TABLE);
  const stop = new AbortController();
  const first = { topic: TOPIC, signal: stop.signal, onPage: () => stop.abort() };
  expect(await importOutcomes(source, sql, first)).toBe(false);
  await source.close();
  const audit = await auditRollups(sql);
  expect(audit).toMatchObject({ rows: 5_000, differences: [] });

  const args = ['--from', url, '--table', TABLE, '--data-dir', stores.paths.root];
  const run = async () => {
    const script = join(import.meta.dirname, '..', '..', 'operate', 'import.ts');
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, DB_HOST: '' },
    });
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const [status] = await once(child, 'exit');
    const [stdout, stderr] = await outputs;
    return { status, stdout, stderr };
  };
  expect(await run()).toEqual({
    status: 0,
    stdout: '7,000 rows imported besides those of before.\n',
    stderr: '',
  });
  expect(await run()).toMatchObject({
    status: 0,
    stdout: '0 rows imported besides those of before.\n',
  });
  expect(await auditRollups(sql)).toMatchObject({ rows: ROWS, differences: [] });
  const columns = `id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched, "timestamp",
    auction_timestamp, user_interests, raw_data, created_at, updated_at`;
  const differing = await sql.unsafe(`
    (select ${columns} from ${TABLE} except select ${columns} from auction_outcomes)
    union all (select ${columns} from auction_outcomes except select ${columns} from ${TABLE})`);
  expect(differing).toEqual([]);
  const months = `select outcome_id_block(id), date_trunc('month', "timestamp" at time zone 'UTC')::date
    from auction_outcomes`;
  const unnoted = await sql.unsafe(
    `${months} except select id_block, first_day from outcome_id_months`,
  );
  expect(unnoted).toEqual([]);
  const [next] = await sql<{ id: string }>`
    select nextval(pg_get_serial_sequence('auction_outcomes', 'id'))::text as id`;
  expect(Number(next?.id)).toBeGreaterThan(3 * ROWS);
});

test('ids that rows of our own have are not taken a second time; a wrong table is named', async () => {
  const { sql, url } = await openBoth();
  await sql`
    insert into auction_outcomes (bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
      "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
    values ('b', 'u', 's', true, 1, 1, 'USD', true, now(), '[]', '{}', 'auction_outcomes', 0, 1)`;
  const source = await openSourceTable(url, TABLE);
  const options = { topic: TOPIC, signal: new AbortController().signal, onPage: () => {} };
  await expect(importOutcomes(source, sql, options)).rejects.toThrow(/Row 1 is there already/);
  await source.close();
  await expect(openSourceTable(url, 'nothing')).rejects.toThrow(/The table nothing is not there/);
  await expect(openSourceTable(url, 'stream_positions')).rejects.toThrow(/lacks id, bid_id/);
  await expect(openSourceTable('mysql://x/y', TABLE)).rejects.toThrow(/--from must be postgres:/);
});
