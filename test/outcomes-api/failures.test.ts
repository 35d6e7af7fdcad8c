// What goes wrong on this side, and what is told of it.
import { expect, test } from 'vitest';
import { sql as text } from '../../functions/outcomes/query/sql.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { ConnectionError } from '../../functions/platform/database-errors.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { askStores, openApi } from '../support/api.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();

test('a slow query is stopped: 503, and what to do about it', async () => {
  const { env, sql } = await server.freshDatabase();
  const hasty = makePostgres(env, {
    ...{ functionName: 'serve-api', connectionsMax: 1, statementTimeoutMs: 100 },
  });
  await sql.begin(async (holder) => {
    await holder(['lock table auction_outcomes in access exclusive mode']);
    for (const url of ['/api/outcomes/', '/api/outcomes/1/', '/api/outcomes/?format=ndjson']) {
      const reply = await openApi(hasty)(url);
      expect([reply.status, reply.json()]).toEqual([
        503,
        { detail: 'The query took too long. Narrow it by filters, or page by cursor.' },
      ]);
    }
  });
  expect((await openApi(hasty)('/api/outcomes/')).status).toBe(200);
  await hasty.end();
});

test('a database without its schema: 503, and the log says what to run', async () => {
  const { sql } = await server.freshDatabase('template1');
  const reply = await openApi(sql)('/api/outcomes/stats/');
  expect([reply.status, String(reply.error)]).toEqual([
    503,
    expect.stringContaining('run migrate-database'),
  ]);
});

test('an error nobody thought of: 500 without a word of it', async () => {
  const broken = async () => {
    throw new TypeError('secret');
  };
  const reads = { rows: broken, servedRows: broken, snapshot: broken, together: broken };
  const outcomes = { ...reads, stream: async function* () {} };
  const reply = await askStores({ outcomes })('/api/outcomes/');
  expect([reply.status, reply.text]).toEqual([500, '{"detail":"Internal server error."}']);
  expect(String(reply.error)).toBe('TypeError: secret');
});

test('a lost connection is tried once more, not for ever', async () => {
  let attempts = 0;
  const store = (failures: number) => {
    attempts = 0;
    const client = async () => {
      attempts += 1;
      if (attempts <= failures) throw new ConnectionError('lost');
      return [{ one: 1 }];
    };
    return makeOutcomesStore(client as unknown as Sql);
  };
  expect(await store(1).rows(text`select 1`)).toEqual([{ one: 1 }]);
  await expect(store(2).rows(text`select 1`)).rejects.toThrow('lost');
  expect(attempts).toBe(2);
});
