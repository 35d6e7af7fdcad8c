// One PostgreSQL server for many seeds, and a database for each seed that runs: taken from those that are
// free, and emptied after it.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV } from '../../../functions/contracts.ts';
import { makePostgres } from '../../../functions/platform/postgres.ts';
import type { Environment } from '../../../functions/platform/settings.ts';
import type { Sql } from '../../../functions/platform/sql-client.ts';
import { findFreePorts } from '../../platform/free-ports.ts';
import { Postgres } from '../../platform/postgres.ts';
import { type ServerAddress, Sessions } from './session.ts';

/** Nothing need outlive the run; a table that the server cleans by itself would lock it at any time. */
const SETTINGS = {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' },
  ...{ deadlock_timeout: '20ms', scram_iterations: '1', checkpoint_timeout: '1h' },
};
const CLEAN_EVERY = 40;
/** A month whose partition is there at the start: most batches of a real topic need no new one. */
export const MADE_MONTH = '2025-05';

/** What the simulation itself sees of a database: never disturbed, and not of the code under test. */
export interface Database {
  readonly env: Environment;
  readonly control: Sql;
  /** For the clients of the code under test. */
  readonly sessions: Sessions;
  close(): Promise<void>;
}

export interface Server {
  /** An empty database, migrated by the given code. */
  makeTemplate(migrate: (sql: Sql) => Promise<unknown>): Promise<string>;
  make(template: string): Promise<Database>;
  stop(): Promise<void>;
}

export async function startServer(): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'simulated-outcomes-'));
  // The server runs as another user when this runs as root.
  await chmod(directory, 0o755);
  const [port = 0] = await findFreePorts(1);
  const server = new Postgres(join(directory, 'data'), port);
  const killAtExit = () => server.killNow();
  process.once('exit', killAtExit);
  await server.start();
  const { host, user, password } = server.address;
  const address: ServerAddress = { host, port };
  const opened = new Set<Database>();
  const open = (name: string): Database => {
    const env = {
      ...{ [ENV.dbHost]: host, [ENV.dbPort]: String(port), [ENV.dbName]: name },
      ...{ [ENV.dbUser]: user, [ENV.dbPassword]: password },
    };
    const control = makePostgres(env, { functionName: 'migrate-database', connectionsMax: 1 });
    const sessions = new Sessions(address);
    const close = async () => {
      opened.delete(database);
      sessions.end();
      await control.end();
    };
    const database = { env, control, sessions, close };
    opened.add(database);
    return database;
  };
  const { control: admin } = open('postgres');
  for (const [name, value] of Object.entries(SETTINGS)) {
    await admin.unsafe(`alter system set ${name} = '${value}'`);
  }
  await admin.unsafe('select pg_reload_conf()');
  // Its verifier anew, with one iteration: each connection would take milliseconds to check it.
  await admin.unsafe(`set scram_iterations = 1; alter role ${user} password '${password}'`);

  let databases = 0;
  async function create(template: string): Promise<string> {
    databases += 1;
    const name = `simulated_${databases}`;
    await admin.unsafe(`create database ${name} template ${template}`);
    return name;
  }
  return {
    async makeTemplate(migrate) {
      const name = await create('template1');
      const database = open(name);
      await migrate(database.control);
      await database.close();
      return name;
    },
    make: async (template) => open(await create(template)),
    async stop() {
      await Promise.all([...opened].map((database) => database.close()));
      await server.stop();
      process.off('exit', killAtExit);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Finding {
  readonly failures: readonly string[];
}

export interface Databases {
  /** One that nobody uses, as it was when it was new. */
  use<T extends Finding>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function makeDatabases(make: () => Promise<Database>): Databases {
  const free: Database[] = [];
  let uses = 0;
  return {
    async use(work) {
      const database = free.pop() ?? (await make());
      const result = await work(database);
      // Nobody knows what is still under way there.
      if (result.failures.length > 0) {
        await database.close();
        return result;
      }
      await empty(database.control);
      uses += 1;
      if (uses % CLEAN_EVERY === 0) await database.control.unsafe('vacuum');
      free.push(database);
      return result;
    },
    async close() {
      await Promise.all(free.splice(0).map((database) => database.close()));
    },
  };
}

/** The partitions that were there at the start are there again. */
async function empty(control: Sql): Promise<void> {
  await control.unsafe(`do $$
    declare month_partition text;
    begin
      for month_partition in
        select name from outcome_partitions
        where first_day < now() - interval '1 month' and first_day <> '${MADE_MONTH}-01'
      loop
        execute format('drop table %I', month_partition);
      end loop;
      perform make_outcome_partitions('{${MADE_MONTH}-01}');
      set local session_replication_role = replica;
      delete from auction_outcomes;
      delete from outcome_days;
      delete from outcome_site_days;
      delete from dropped_outcome_days;
      delete from dropped_outcome_site_days;
      delete from stream_positions;
    end $$`);
}
