// What the original service answered to the same requests over the same rows. Each exchange agrees, or
// differs as docs/api.md lists, or the test fails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { type Ask, openApi, type Reply } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { type TestDatabase, useTestPostgres } from '../support/postgres.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'api');

interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly tie_order_undefined?: boolean;
}

const exchanges = readLines<Exchange>('responses.ndjson');
const server = useTestPostgres();
let database: TestDatabase;
let ask: Ask;

beforeAll(async () => {
  database = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  await recordMessages(readLines('outcomes.ndjson'), recordPorts(database.sql, quarantine));
  expect(quarantine.reasons.size).toBe(0);
  ask = openApi(database.sql);
});

test('every recorded exchange agrees, or differs on purpose', async () => {
  const verdicts: { verdict: Verdict; exchange: string }[] = [];
  for (const exchange of exchanges) {
    const { method, url, request_headers: headers = {} } = exchange;
    const reply = await ask(url, { method, headers });
    const verdict = await judge(exchange, reply);
    verdicts.push({ verdict, exchange: `${method} ${url}: ${reply.status} ${reply.text}` });
  }
  const counts = Object.groupBy(verdicts, ({ verdict }) => verdict);
  const count = (verdict: Verdict) => counts[verdict]?.length ?? 0;
  console.info(
    `recorded answers: ${count('agreed')} agreed, ${count('added member')} with a deliberately ` +
      `added member, ${count('tie order')} with ties in another order, ${count('other')} other`,
  );
  expect(counts.other ?? []).toEqual([]);
  expect(exchanges.length).toBe(159);
});

type Verdict = 'agreed' | 'added member' | 'tie order' | 'other';

async function judge(recorded: Exchange, reply: Reply): Promise<Verdict> {
  if (!agreeOutside(recorded, reply)) return 'other';
  if (recorded.body === '') return reply.text === '' ? 'agreed' : 'other';
  const body = withoutClock(reply.json());
  const recordedBody = withoutClock(recorded.body);
  if (isDeepStrictEqual(body, recordedBody)) return 'agreed';
  if (recorded.url.includes('stats/') && isDeepStrictEqual(withoutBreakdown(body), recordedBody)) {
    return 'added member';
  }
  if (
    /outcomes\/\d+\//.test(recorded.url) &&
    isDeepStrictEqual(withoutRawData(body), recordedBody)
  ) {
    return 'added member';
  }
  const isTied =
    recorded.tie_order_undefined && (await differInTiesOnly(recorded.url, body, recordedBody));
  return isTied ? 'tie order' : 'other';
}

function agreeOutside({ status, headers }: Exchange, reply: Reply): boolean {
  const isHtml = headers['content-type']?.startsWith('text/html');
  return (
    reply.status === status &&
    reply.headers.location === headers.location &&
    (isHtml || reply.headers['content-type'] === headers['content-type']) &&
    (isHtml || reply.headers.allow === headers.allow)
  );
}

/** When a row was written differs from run to run. */
function withoutClock(body: unknown): unknown {
  return without(body, ['created_at', 'updated_at']);
}

function withoutBreakdown(body: unknown): unknown {
  return Array.isArray(body)
    ? body.map((day) => without(day, ['by_currency']))
    : without(body, ['by_currency']);
}

function withoutRawData(body: unknown): unknown {
  return without(body, ['raw_data']);
}

function without(body: unknown, names: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

/** The same links and count, and the sort values in the same sequence. */
async function differInTiesOnly(url: string, ours: unknown, recorded: unknown): Promise<boolean> {
  const field = /ordering=-?(win_price|bid_price)/.exec(url)?.[1];
  if (!field || !isDeepStrictEqual(without(ours, ['results']), without(recorded, ['results']))) {
    return false;
  }
  const values = async (body: unknown) => {
    const ids = (body as { results: { id: number }[] }).results.map(({ id }) => id);
    const rows = await database.sql.unsafe<{ price: string }>(
      `select ${field} as price from unnest($1::bigint[]) with ordinality as asked (id, place)
       join auction_outcomes using (id) order by place`,
      [ids.map(String)],
    );
    return rows.map(({ price }) => Number(price));
  };
  return isDeepStrictEqual(await values(ours), await values(recorded));
}

function readLines<T>(name: string): T[] {
  return readFileSync(join(FIXTURES, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
