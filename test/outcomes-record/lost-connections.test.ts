// What becomes of queries when their connection goes: all settle, none ends the process (vitest fails a run
// for an error that nobody caught), and the next has a new connection. docs/decisions/0005 says why.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { ConnectionError } from '../../functions/platform/database-errors.ts';
import type { Login } from '../../functions/platform/database-login.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import {
  type ConnectionOptions,
  openConnection,
} from '../../functions/platform/postgres-connection.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';

const server = useTestPostgres();

const DISTURBED_MS = Number(process.env.DISTURBED_SECONDS ?? 4) * 1_000;
const SETTLED_WITHIN_MS = 10_000;
/** Above 1,024 bytes postgres.js writes at once, below at the end of the turn. */
const LONG_TEXT = 'x'.repeat(3_000);

async function killBackends(sql: Sql, share = 1): Promise<number> {
  const killed = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and random() < ${share}`;
  return killed.length;
}

async function transact(sql: Sql, random: Random): Promise<void> {
  await sql.begin(async (statement) => {
    await statement`select ${random.chance(0.3) ? LONG_TEXT : 'x'}::text`;
    if (random.chance(0.5)) await sleep(random.below(6));
    await statement`select pg_sleep(${random.below(5) / 1_000}::float8)`;
    await Promise.all([statement`select 1`, statement`select ${LONG_TEXT}::text`]);
  });
}

async function readStream(sql: Sql): Promise<void> {
  for await (const _ of sql.stream(50, ['select generate_series(1, 400)'])) await sleep(1);
}

test('backends killed at random during transactions and streams: all settle, and work goes on', {
  timeout: DISTURBED_MS + 60_000,
}, async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql: killer } = await server.freshDatabase();
  const sql = server.connect(env, 4);
  let isOver = false;
  const done: number[] = [];
  const failures = new Set<string>();
  const work = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      try {
        await (random.chance(0.8) ? transact(sql, random) : readStream(sql));
        done.push(performance.now());
      } catch (error) {
        failures.add(error instanceof Error ? error.name : String(error));
      }
    }
  });
  const started = performance.now();
  let kills = 0;
  while (performance.now() - started < DISTURBED_MS) {
    await sleep(50 + random.below(100));
    kills += await killBackends(killer, 0.3);
  }
  isOver = true;
  const settled = Promise.all(work).then(() => 'settled');
  expect(await Promise.race([settled, sleep(SETTLED_WITHIN_MS)]), `seed ${seed}`).toBe('settled');
  console.log(
    `lost connections: seed ${seed}, ${kills} killed, ${done.length} pieces of work done`,
  );
  expect(failures, `seed ${seed}`).toEqual(new Set(['ConnectionError']));
  const times = [started, ...done, performance.now()];
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.max(...pauses), `seed ${seed}`).toBeLessThan(2_000);
});

test('lost between two statements of a transaction: the second fails, the next transaction works', async () => {
  const { env, sql: killer } = await server.freshDatabase();
  const sql = server.connect(env, 1);
  for (const text of ['x', LONG_TEXT]) {
    const doomed = sql.begin(async (statement) => {
      await statement`select 1`;
      await killBackends(killer);
      await sleep(50);
      await statement`select ${text}::text`;
    });
    await expect(doomed).rejects.toThrow(ConnectionError);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  }
});

test('lost in the same turn as a statement is sent: it fails, the next one works', async () => {
  const { env, sql: killer } = await server.freshDatabase();
  const sql = server.connect(env, 1);
  for (let pauseMs = 0; pauseMs < 20; pauseMs += 1) {
    const doomed = sql.begin(async (statement) => {
      await statement`select 1`;
      const killed = killBackends(killer);
      await sleep(pauseMs / 4);
      await statement`select ${'x'}::text`;
      await killed;
      await sleep(5);
      await statement`select 1`;
    });
    await expect(doomed).rejects.toThrow(ConnectionError);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  }
});

test('lost while idle: the next statement does not notice', async () => {
  const { env, sql: killer } = await server.freshDatabase();
  const sql = server.connect(env, 2);
  await Promise.all([sql`select pg_sleep(0.05)`, sql`select pg_sleep(0.05)`]);
  expect(await killBackends(killer)).toBe(2);
  await sleep(50);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a statement kept from a transaction that is over goes nowhere', async () => {
  const { sql } = await server.freshDatabase();
  const kept = await sql.begin(async (statement) => ({ statement }));
  await expect(kept.statement`select 1`).rejects.toThrow('The transaction is over.');
});

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Stands before the real server, or for it. */
async function standIn(env: Environment, serve: (client: Socket) => void): Promise<Environment> {
  const sockets = new Set<Socket>();
  const stand: Server = createServer((client) => {
    sockets.add(client.on('error', () => {}));
    serve(client);
  });
  stand.listen(0, '127.0.0.1');
  await once(stand, 'listening');
  closers.push(() => {
    stand.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = stand.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { ...env, [ENV.dbPort]: String(port) };
}

describe('a server that', () => {
  const options: Omit<ConnectionOptions, 'port'> = {
    ...{ host: '127.0.0.1', tls: 'disable' as const },
    ...{ database: 'd', credentials: async () => ({ user: 'u', password: 'p' }), parameters: {} },
    ...{ connectTimeoutMs: 300, answerTimeoutMs: 60_000 },
  };

  test.each([
    ['closes at once', (client: Socket) => client.end(), 'the connection was closed'],
    ['says nothing', () => {}, 'not connected within 300 ms'],
    ['speaks another language', (client: Socket) => client.write('HTTP/1.1 400\r\n\r\n'), '300 ms'],
  ])('%s: the connection fails in its time', async (_, serve, message) => {
    const env = await standIn({}, serve);
    const port = Number(env[ENV.dbPort]);
    await expect(openConnection({ ...options, port })).rejects.toThrow(message);
    await expect(openConnection({ ...options, port, tls: 'require' })).rejects.toThrow();
  });

  test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'leaves (%s) during the TLS handshake: the connection fails in its time',
    async (leave) => {
      const env = await standIn({}, (client) =>
        client.once('data', () => {
          client.write('S');
          client.once('data', () => client[leave]());
        }),
      );
      const tls = { ...options, port: Number(env[ENV.dbPort]), tls: 'require' as const };
      await expect(openConnection(tls)).rejects.toThrow();
    },
  );

  test('falls silent: the statement fails, the next has a new connection', async () => {
    const { env } = await server.freshDatabase();
    let isSilent = false;
    const silentEnv = await standIn(env, (client) => {
      const upstream = new (client.constructor as typeof Socket)();
      upstream.on('error', () => {}).connect(Number(env[ENV.dbPort]), env[ENV.dbHost] ?? '');
      client.pipe(upstream).on('data', (bytes) => isSilent || client.write(bytes));
      client.on('close', () => upstream.destroy());
    });
    const sql = makePostgres(silentEnv, {
      // The answer is waited for five seconds longer.
      ...{ functionName: 'record-outcomes', connectionsMax: 1, statementTimeoutMs: 100 },
    });
    await sql`select 1`;
    isSilent = true;
    await expect(sql`select 2`).rejects.toThrow('no answer within 5100 ms');
    isSilent = false;
    expect(await sql`select 3 as three`).toEqual([{ three: 3 }]);
    await sql.end();
  }, 15_000);

  test('is not even asked when there is no password for it', async () => {
    const { env } = await server.freshDatabase();
    const login: Login = {
      setting: ENV.dbIamAuth,
      renewed: async () => undefined,
      credentials: async () => {
        throw new Error('no token');
      },
    };
    const options = { functionName: 'record-outcomes', connectionsMax: 1, login } as const;
    const sql = makePostgres(env, options);
    await expect(sql`select 1`).rejects.toThrow(/^No connection to PostgreSQL at .*: no token$/);
    await sql.end();
  });
});
