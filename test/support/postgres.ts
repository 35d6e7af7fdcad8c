// A real PostgreSQL for the tests of one file: started once, each test in a database of its own,
// cloned from a migrated template. In a test file:
//
//   const server = useTestPostgres();
//   test('...', async () => { const { sql } = await server.freshDatabase(); ... });
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { migrateDatabase } from '../../functions/outcomes/migrate/migrate.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { Postgres } from '../platform/postgres.ts';

const TEMPLATE = 'migrated';

export interface TestDatabase {
  /** What a function needs in its environment to reach this database. */
  readonly env: Environment;
  readonly sql: Sql;
}

export interface TestPostgres {
  freshDatabase(template?: string): Promise<TestDatabase>;
  /** Kills the server as a power cut of its process would, and starts it again. */
  crash(): Promise<void>;
  /** A further client of a database of this server; ended with the server. */
  connect(env: Environment, connectionsMax?: number): Sql;
  stop(): Promise<void>;
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'outcomes-postgres-'));
  // The server runs as another user when the tests run as root.
  await chmod(directory, 0o755);
  const [port = 0] = await findFreePorts(1);
  const server = new Postgres(join(directory, 'data'), port);
  const killAtExit = () => server.killNow();
  process.once('exit', killAtExit);
  await server.start();

  const clients: Sql[] = [];
  const envOf = (database: string): Environment => ({
    [ENV.dbHost]: server.address.host,
    [ENV.dbPort]: String(port),
    [ENV.dbUser]: server.address.user,
    [ENV.dbPassword]: server.address.password,
    [ENV.dbName]: database,
  });
  function connect(env: Environment, connectionsMax = 8): Sql {
    const sql = makePostgres(env, { functionName: 'record-outcomes', connectionsMax });
    clients.push(sql);
    return sql;
  }

  const admin = connect(envOf(server.address.database), 1);
  // The data lives as long as the tests: nothing of it need reach the disk.
  await admin.unsafe('alter system set fsync = off');
  await admin.unsafe('select pg_reload_conf()');
  await admin.unsafe(`create database ${TEMPLATE}`);
  const template = connect(envOf(TEMPLATE), 2);
  await migrateDatabase(template);
  await template.end();
  clients.splice(clients.indexOf(template), 1);

  let databases = 0;
  return {
    async freshDatabase(from = TEMPLATE) {
      databases += 1;
      const name = `test_${databases}`;
      await admin.unsafe(`create database ${name} template ${from}`);
      const env = envOf(name);
      return { env, sql: connect(env) };
    },
    connect,
    async crash() {
      await server.kill();
      await server.start();
    },
    async stop() {
      await Promise.all(clients.map((sql) => sql.end()));
      await server.stop();
      process.off('exit', killAtExit);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The server for a test file, started before its tests and stopped after them. */
export function useTestPostgres(): Omit<TestPostgres, 'stop'> {
  let server: TestPostgres | undefined;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(async () => {
    await server?.stop();
  });
  function started(): TestPostgres {
    if (!server) throw new Error('The test server starts in beforeAll: use it inside a test.');
    return server;
  }
  return {
    freshDatabase: (from) => started().freshDatabase(from),
    connect: (env, connectionsMax) => started().connect(env, connectionsMax),
    crash: () => started().crash(),
  };
}
