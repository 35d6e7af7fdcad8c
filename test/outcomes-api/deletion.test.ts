// I93: deletion over the API: off unless it is allowed, for nobody without the right, and only what was confirmed.
import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import type { OpenApi } from '../../functions/outcomes/respond/openapi.ts';
import { makeDeletionStore } from '../../functions/outcomes/store/deletion-store.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, askStores } from '../support/api.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const ROWS = 12_000;
const DELETE = { method: 'DELETE' };

const server = useTestPostgres();
let sql: Sql;
let ask: Ask;
let now = 0;

function open(group?: string, isAllowed = true): Ask {
  const deletion = { store: makeDeletionStore(sql), group };
  return askStores({ outcomes: makeOutcomesStore(sql) }, isAllowed ? { deletion } : {});
}

beforeEach(async () => {
  ({ sql } = await server.freshDatabase());
  const messages = [1, 2, 3, 4, 5].map((offset) => ({
    offset,
    value: JSON.stringify({ user_id: offset < 4 ? 'ann' : 'bob', win_price: offset }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  ask = open();
});

test('off: the methods are those of the original', async () => {
  const closed = open(undefined, false);
  for (const path of ['/api/outcomes/1/', '/api/outcomes/?user_id=ann&confirm_count=3']) {
    const reply = await closed(path, DELETE);
    expect([reply.status, reply.text, reply.headers.allow]).toEqual([
      405,
      '{"detail":"Method \\"DELETE\\" not allowed."}',
      'GET, HEAD, OPTIONS',
    ]);
  }
  expect(await left()).toBe(5);
});

test('one outcome goes, and is gone', async () => {
  expect((await ask('/api/outcomes/1/?user_id=bob', DELETE)).status).toBe(404);
  const done = await ask('/api/outcomes/1/', DELETE);
  expect([done.status, done.text, done.headers.allow]).toEqual([
    204,
    '',
    'GET, DELETE, HEAD, OPTIONS',
  ]);
  for (const asked of [{}, DELETE]) {
    expect((await ask('/api/outcomes/1/', asked)).status).toBe(404);
  }
  expect((await ask('/api/outcomes/x/', DELETE)).status).toBe(404);
  expect((await ask('/api/outcomes/stats/')).json()).toMatchObject({ total_outcomes: 4 });
  await expectRollupsEqualRows(sql);
});

test.for([
  ['', 400, 'Name at least one filter'],
  ['?confirm_count=5', 400, 'Name at least one filter'],
  ['?user_id=ann', 400, 'This field is required.'],
  ['?user_id=ann&confirm_count=', 400, 'A valid integer is required.'],
  ['?user_id=ann&confirm_count=2', 409, '3 outcomes match now, not 2: nothing was deleted.'],
  ['?user_id=ann&confirm_count=-3', 400, 'greater than or equal to 0'],
  ['?min_price=x&confirm_count=3', 400, 'Enter a number.'],
  ['?user_id=ann&winstatus=true&confirm_count=3', 400, 'did you mean win_status?'],
  ['1/?user_Id=zoe', 400, 'did you mean user_id?'],
  ['?user_id=ann&win_status=lost&confirm_count=3', 400, 'win_status'],
] as const)('refused: %s', async ([query, status, text]) => {
  const reply = await ask(`/api/outcomes/${query}`, DELETE);
  expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(text)]);
  expect(await left()).toBe(5);
});

test('what a filter leaves goes, and nothing else', async () => {
  const done = await ask('/api/outcomes/?user_id=ann&max_price=2&confirm_count=2', DELETE);
  expect([done.status, done.text]).toEqual([200, '{"deleted":2,"remaining":0}']);
  const rows = await sql`select kafka_offset from auction_outcomes order by 1`;
  expect(rows.map((row) => row.kafka_offset)).toEqual(['3', '4', '5']);
  await expectRollupsEqualRows(sql);
  const conflict = await ask('/api/outcomes/?user_id=ann&confirm_count=0', DELETE);
  expect(conflict.json()).toMatchObject({ count: 1 });
  const none = await ask('/api/outcomes/?user_id=nobody&confirm_count=0', DELETE);
  expect([none.status, none.text]).toEqual([200, '{"deleted":0,"remaining":0}']);
  for (const path of ['winners/', 'stats/', 'daily_stats/']) {
    expect((await ask(`/api/outcomes/${path}?user_id=ann`, DELETE)).status).toBe(405);
  }
});

test('a large set goes in batches, as far as the time allows, and the rest by the next request', async () => {
  const messages = Array.from({ length: ROWS }, (_, offset) => ({
    ...{ offset: offset + 10, partition: 1 },
    value: JSON.stringify({ user_id: 'many', win_price: offset }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  const slow = makeDeletionStore(sql);
  const deletion = {
    group: undefined,
    store: {
      ...slow,
      deleteSome: (...asked: Parameters<typeof slow.deleteSome>) => {
        now += 10_000;
        return slow.deleteSome(...asked);
      },
    },
  };
  ask = askStores({ outcomes: makeOutcomesStore(sql) }, { deletion, now: () => now });
  const some = await ask(`/api/outcomes/?user_id=many&confirm_count=${ROWS}`, DELETE);
  expect(some.json()).toEqual({ deleted: 10_000, remaining: 2_000 });
  await expectRollupsEqualRows(sql);
  const rest = await ask('/api/outcomes/?user_id=many&confirm_count=2000', DELETE);
  expect(rest.json()).toEqual({ deleted: 2_000, remaining: 0 });
  expect(await left()).toBe(5);
  await expectRollupsEqualRows(sql);
});

test('with a group, for its members alone', async () => {
  const guarded = open('deleters');
  for (const groups of [undefined, 'readers', 'no-deleters,deletersx']) {
    const reply = await guarded('/api/outcomes/1/', { ...DELETE, ...(groups && { groups }) });
    expect([reply.status, reply.text]).toEqual([
      403,
      '{"detail":"You do not have permission to perform this action."}',
    ]);
  }
  expect((await guarded('/api/outcomes/1/', { ...DELETE, groups: 'a,deleters' })).status).toBe(204);
  expect((await guarded('/api/outcomes/2/', { ...DELETE, groups: '[deleters a]' })).status).toBe(
    204,
  );
  expect(await left()).toBe(3);
});

test('the description has it where it is allowed, with what it answers and no more', async () => {
  const describe = async (one: Ask) => (await one('/api/schema/')).json<OpenApi>();
  const { paths, components } = await describe(ask);
  const { get, ...changing } = paths['/api/outcomes/'] ?? {};
  expect(Object.keys(changing)).toEqual(['delete']);
  expect(
    Object.keys((await describe(open(undefined, false))).paths['/api/outcomes/'] ?? {}),
  ).toEqual(['get']);
  const ofOne = paths['/api/outcomes/{id}/']?.delete;
  const notChanged = [get, changing.delete, ofOne].map((operation) => operation?.responses[304]);
  expect(notChanged).toEqual([{ description: expect.any(String) }, undefined, undefined]);
  expect(changing.delete?.responses[409]?.content).toEqual({
    'application/json': { schema: { $ref: '#/components/schemas/OtherCount' } },
  });
  const refused = await ask('/api/outcomes/?user_id=ann&confirm_count=9', DELETE);
  expect(refused.status).toBe(409);
  const otherCount = z.fromJSONSchema(components.schemas.OtherCount as never);
  expect(otherCount.safeParse(refused.json())).toMatchObject({ success: true });
});

async function left(): Promise<number> {
  const [row] = await sql<{ count: string }>`select count(*) as count from auction_outcomes`;
  return Number(row?.count);
}
