// I20, walking by cursor: every row once, in order, whatever is recorded meanwhile.
import { beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../functions/contracts.ts';
import { encodeCursor } from '../../functions/outcomes/query/cursor.ts';
import { readOrdering } from '../../functions/outcomes/query/ordering.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, openApi } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const ROWS = 230;
const ORDERINGS = [
  ...['-timestamp', 'timestamp', 'win_price', '-win_price', 'bid_price', 'created_at'],
  ...['win_price,-timestamp', '-timestamp,bid_price,-win_price', 'created_at,-bid_price'],
];

interface Page {
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly { readonly id: number; readonly bid_id: string }[];
}

const server = useTestPostgres();
let sql: Sql;
let ask: Ask;

beforeAll(async () => {
  ({ sql } = await server.freshDatabase());
  ask = openApi(sql);
  await record(
    0,
    Array.from({ length: ROWS }, (_, index) => outcome(index)),
  );
});

test.each(ORDERINGS)('ordering=%s: forward and back again, every row once', async (ordering) => {
  const expected = await sql<{ id: string }>([
    `select id from auction_outcomes order by ${sqlOrder(ordering)}`,
  ]);
  const ids = expected.map(({ id }) => Number(id));
  const forward = await walk(`/api/outcomes/?cursor=&page_size=7&ordering=${ordering}`, 'next');
  expect(forward.ids).toEqual(ids);
  expect(forward.last.next).toBe(null);

  const back = await walk(forward.last.previous ?? '', 'previous');
  const lastPage = forward.last.results.map(({ id }) => id);
  expect([...back.ids, ...lastPage]).toEqual(ids);
  expect(back.last.previous).toBe(null);
});

test('a filter holds on every page, and the page says no count', async () => {
  const url = '/api/outcomes/winners/?cursor=&page_size=10&user_id=user-1';
  const expected = await sql<{ id: string }>([
    `select id from auction_outcomes where win_status and user_id = 'user-1' order by "timestamp" desc, id desc`,
  ]);
  const { ids, last } = await walk(url, 'next');
  expect(ids).toEqual(expected.map(({ id }) => Number(id)));
  expect(Object.keys(last)).toEqual(['next', 'previous', 'results']);
});

test('rows recorded during the walk neither repeat nor hide others', async () => {
  const before = await allBidIds();
  const seen: string[] = [];
  let url: string | null = '/api/outcomes/?cursor=&page_size=20';
  for (let pages = 1; url !== null; pages += 1) {
    const page: Page = await read(url);
    seen.push(...page.results.map(({ bid_id }) => bid_id));
    // Some newer, some older than the place of the walk.
    await record(pages, [outcome(pages * 13, `late-${pages}-a`), outcome(500, `late-${pages}-b`)]);
    url = page.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((bid) => before.includes(bid))).toEqual(before);
});

test('a cursor that is not of this ordering, or not one at all, is refused', async () => {
  const { next } = await read('/api/outcomes/?cursor=&ordering=win_price&page_size=2');
  const cursor = new URL(next ?? '').searchParams.get('cursor') ?? '';
  expect((await ask(`/api/outcomes/?ordering=win_price&cursor=${cursor}`)).status).toBe(200);
  const byPrice = readOrdering(['win_price']);
  const forged = (keys: string[]) => encodeCursor(byPrice, { keys, isBackward: false });
  const wrong = [
    ...[cursor.slice(0, -3), `${cursor}AAAA`, 'x', 'bnVsbA', '%00', '[]', "' or 1=1 --"],
    ...[forged(['1']), forged(['NaN', '1']), forged(['1', '1.5']), forged(['1', '9'.repeat(19)])],
    ...[forged(["1'", '1']), forged(['1', '']), forged(['1', '1', '1'])],
  ];
  for (const text of wrong) {
    const reply = await ask(`/api/outcomes/?ordering=win_price&cursor=${encodeURIComponent(text)}`);
    expect([text, reply.status, reply.text]).toEqual([text, 404, '{"detail":"Invalid cursor"}']);
  }
  expect((await ask(`/api/outcomes/?cursor=${cursor}`)).status).toBe(404);
  expect((await ask('/api/outcomes/?cursor=&page=2')).text).toBe(
    '{"page":["Not available with cursor."]}',
  );
});

test('rows of any year have their place', async () => {
  const years = ['0001-01-01T00:00:00+15:00', '9999-12-31T23:59:59.999999-15:00'];
  await record(
    90,
    years.map((timestamp, index) => ({ ...outcome(index, `far-${index}`), timestamp })),
  );
  const { ids } = await walk(`/api/outcomes/?cursor=&page_size=${LIMITS.pageSizeMax}`, 'next');
  const oneByOne = await walk('/api/outcomes/?cursor=&page_size=1', 'next');
  expect(oneByOne.ids).toEqual(ids);
  expect((await ask(`/api/outcomes/${ids.at(-1)}/`)).text).toContain('"0000-12-31T09:00:00Z"');
  expect((await ask(`/api/outcomes/${ids.at(0)}/`)).text).toContain(
    '"+010000-01-01T14:59:59.999999Z"',
  );
});

async function walk(start: string, way: 'next' | 'previous') {
  const pages: Page[] = [];
  for (let url: string | null = start; url !== null; url = pages.at(-1)?.[way] ?? null) {
    pages.push(await read(url));
  }
  const inOrder = way === 'next' ? pages : pages.toReversed();
  const last = pages.at(-1);
  if (!last) throw new RangeError('A walk has at least one page.');
  return { ids: inOrder.flatMap(({ results }) => results.map(({ id }) => id)), last };
}

async function read(url: string): Promise<Page> {
  const reply = await ask(url.replace('http://localhost:8000', ''));
  expect(reply.status, `${url}: ${reply.text}`).toBe(200);
  return reply.json();
}

async function allBidIds(): Promise<string[]> {
  const rows = await sql<{ bid_id: string }>([
    'select bid_id from auction_outcomes order by "timestamp" desc, id desc',
  ]);
  return rows.map(({ bid_id }) => bid_id);
}

function sqlOrder(ordering: string): string {
  const terms = ordering.split(',');
  const isDescending = ordering.startsWith('-');
  const columns = terms.map((term) =>
    term.startsWith('-') ? `"${term.slice(1)}" desc` : `"${term}" asc`,
  );
  return [...columns, isDescending ? 'id desc' : 'id asc'].join();
}

/** Few times and prices, so that many rows tie. */
function outcome(index: number, bid = `bid-${index}`) {
  const minute = String((index * 7) % 30).padStart(2, '0');
  return {
    ...{ bid_id: bid, user_id: `user-${index % 3}`, site_domain: 'a.example' },
    ...{ win_status: index % 2 === 0, win_price: `${index % 5}.50`, bid_price: String(index % 4) },
    timestamp: `2025-03-01T10:${minute}:00.00000${index % 3}Z`,
  };
}

let offset = 0;
async function record(partition: number, messages: readonly object[]): Promise<void> {
  const batch = messages.map((message) => {
    offset += 1;
    return { partition, offset, value: JSON.stringify(message) };
  });
  await recordMessages(batch, recordPorts(sql, new MemoryQuarantine()));
}
