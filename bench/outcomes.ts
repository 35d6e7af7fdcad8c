// npm run bench [-- --rows N]: the query API, as the built bundle answers it, beside plain SQL over the same
// rows, in one run. Each pair is asked in turn and its medians are compared, so a machine that slows down
// slows both.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import postgres, { type Sql } from 'postgres';
import { ENV } from '../functions/contracts.ts';
import { buildFunctions } from '../scripts/bundle.ts';
import { findFreePorts } from '../test/platform/free-ports.ts';
import { Postgres } from '../test/platform/postgres.ts';
import { proxyEvent } from '../test/support/api.ts';

type Handler = (event: object, context: object) => Promise<{ statusCode: number; body: string }>;
type Ask = (url: string) => Promise<string>;

const ROUNDS = 9;
const DAYS = 400;

interface Pair {
  readonly name: string;
  readonly ours: () => Promise<unknown>;
  readonly beside: string;
  readonly theirs: () => Promise<unknown>;
}

/** Rows over 400 days up to now: 20,000 users, 500 sites, three currencies, 70 % wins. */
async function fill(sql: Sql, rows: number): Promise<void> {
  const months = Array.from({ length: 15 }, (_, back) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString();
  });
  await sql`select make_outcome_partitions(${months}::timestamptz[]::date[])`;
  await sql`
    insert into auction_outcomes (bid_id, user_id, site_domain, win_status, win_price, bid_price,
      currency, enriched, "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
    select 'bid-' || n, 'user-' || (n * 7919 % 20000), 'site' || (n * 104729 % 500) || '.example.com',
      n % 10 < 7, case when n % 10 < 7 then (n % 997) * 0.01 else 0 end, (n % 1009) * 0.01,
      (array['USD', 'USD', 'USD', 'EUR', 'GBP'])[1 + n % 5], n % 5 < 3,
      now() - make_interval(secs => (${rows}::bigint - n) * ${DAYS * 86_400}::numeric / ${rows}::bigint),
      '[]', '{}', 'auction_outcomes', n % 8, n
    from generate_series(1, ${rows}::bigint) as n`;
  for (const [table, site] of [
    ['outcome_days', ''],
    ['outcome_site_days', 'site_domain, '],
  ] as const) {
    await sql.unsafe(`
      insert into ${table} (${site} day, currency, win_status, enriched, shard, outcomes, win_price_sum, bid_price_sum)
      select ${site} ("timestamp" at time zone 'UTC')::date, currency, win_status, enriched, kafka_partition,
        count(*), sum(win_price), sum(bid_price)
      from auction_outcomes group by ${site} 1${site && ', 2'}, currency, win_status, enriched, kafka_partition`);
  }
  await sql.unsafe('vacuum analyze');
}

/** The cursor of the page that starts this deep, as a client has it that walked there. */
async function deepCursor(ask: Ask, sql: Sql, depth: number): Promise<string> {
  const [row] = await sql<{ at: string }[]>`
    select to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from auction_outcomes order by "timestamp" desc, id desc offset ${depth}::bigint limit 1`;
  const url = `/api/outcomes/?cursor=&timestamp_before=${row?.at}`;
  const { next } = JSON.parse(await ask(url)) as { next: string };
  return new URL(next).searchParams.get('cursor') ?? '';
}

async function pairsOf(ask: Ask, sql: Sql, rows: number): Promise<Pair[]> {
  const depth = Math.floor(rows / 2);
  const cursor = encodeURIComponent(await deepCursor(ask, sql, depth));
  return [
    {
      name: 'stats',
      ours: () => ask('/api/outcomes/stats/'),
      beside: 'plain SQL over the rows',
      theirs: async () => sql`
        select count(*), count(*) filter (where win_status), sum(win_price) filter (where win_status),
          avg(win_price) filter (where win_status), avg(bid_price), count(*) filter (where enriched)
        from auction_outcomes`,
    },
    {
      name: 'daily_stats',
      ours: () => ask('/api/outcomes/daily_stats/'),
      beside: 'plain SQL over the rows',
      theirs: async () => sql`
        select ("timestamp" at time zone 'UTC')::date, count(*), count(*) filter (where win_status),
          sum(win_price) filter (where win_status), avg(win_price) filter (where win_status)
        from auction_outcomes group by 1 order by 1 desc`,
    },
    {
      name: `cursor page, ${depth.toLocaleString('en-US')} rows deep`,
      ours: () => ask(`/api/outcomes/?cursor=${cursor}`),
      beside: 'first cursor page',
      theirs: () => ask('/api/outcomes/?cursor='),
    },
    {
      name: `page ${Math.floor(depth / 100)} by number`,
      ours: () => ask(`/api/outcomes/?page=${Math.floor(depth / 100)}`),
      beside: 'page 1 by number',
      theirs: () => ask('/api/outcomes/'),
    },
  ];
}

async function measure({ name, ours, beside, theirs }: Pair): Promise<string> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  const time = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  await ours();
  await theirs();
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await time(ours));
    times.theirs.push(await time(theirs));
  }
  const [a, b] = [median(times.ours), median(times.theirs)];
  const shown = (value: number) => `${value.toFixed(1)} ms`.padStart(10);
  return `${name.padEnd(34)} ${shown(a)}   ${beside.padEnd(24)} ${shown(b)}   ratio ${(a / b).toFixed(3)}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function bench(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  if (!(Number.isSafeInteger(rows) && rows >= 1_000))
    throw new Error(`--rows is ${values.rows}: a whole number from 1000.`);
  const directory = await mkdtemp(join(tmpdir(), 'outcomes-bench-'));
  await chmod(directory, 0o755);
  const [port = 0] = await findFreePorts(1);
  const server = new Postgres(join(directory, 'data'), port);
  await server.start();
  const { host, user, password, database } = server.address;
  Object.assign(process.env, {
    [ENV.dbHost]: host,
    [ENV.dbPort]: String(port),
    [ENV.dbUser]: user,
    [ENV.dbPassword]: password,
    [ENV.dbName]: database,
    [ENV.bucket]: 'bench',
    [ENV.logLevel]: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
  });
  const sql = postgres({ host, port, user, password, database, max: 1, onnotice: () => {} });
  try {
    await buildFunctions();
    await (await load('migrate-database'))({}, {});
    process.stderr.write(`Filling ${rows.toLocaleString('en-US')} rows ...\n`);
    await fill(sql, rows);
    const ask = openApi(await load('serve-api'));
    for (const pair of await pairsOf(ask, sql, rows)) {
      process.stdout.write(`${await measure(pair)}\n`);
    }
  } finally {
    await sql.end({ timeout: 0 });
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function load(name: string): Promise<Handler> {
  const bundle = join(import.meta.dirname, '..', 'dist', name, 'index.mjs');
  return (await import(pathToFileURL(bundle).href)).handler;
}

function openApi(handler: Handler): Ask {
  return async (url) => {
    const { statusCode, body } = await handler(proxyEvent(url), {});
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${body}`);
    return body;
  };
}

await bench();
process.exit(0);
