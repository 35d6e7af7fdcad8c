// The built functions in their hosts over a real PostgreSQL and the local S3, with all that they print kept:
// for the targets that need the real store. The database's password is a word that no log may hold.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, type FunctionName } from '../../functions/contracts.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { LambdaHost } from '../../local/lambda/host.ts';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';
import { buildFunctions } from '../../scripts/bundle.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { Postgres } from '../platform/postgres.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const BUCKET = 'fuzz';
const TIMEOUT_MS = 60_000;

/** Stands for a password and for whatever a person put into a message or a request. */
export const SECRET = 'zzcanary';

export interface HostedFunctions {
  invoke(name: FunctionName, event: string): Promise<string>;
  readonly sql: Sql;
  /** Of the outcome that was seen last: what came after it is new. */
  lastId: string;
  /** The quarantined objects of a topic by key, which are gone afterwards. */
  takeQuarantine(topic: string): Promise<Map<string, string>>;
  /** The first line that the functions printed with the secret in it. */
  leak(): string | undefined;
  close(): Promise<void>;
}

export async function hostFunctions(): Promise<HostedFunctions> {
  await buildFunctions();
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  // The server runs as another account when this is root's.
  await chmod(folder, 0o755);
  const [port = 0, s3Port = 0] = await findFreePorts(2);
  const postgres = new Postgres(join(folder, 'postgres'), port);
  const killAtExit = () => postgres.killNow();
  process.once('exit', killAtExit);
  await postgres.start();
  const database = await openDatabase(postgres);
  const files = new ObjectFiles(join(folder, 's3'));
  await mkdir(join(folder, 's3'));
  await files.prepare();
  await files.createBucket(BUCKET);
  const s3 = createS3Server(files, 'fuzz', () => {});
  await new Promise<void>((resolve) => s3.listen(s3Port, '127.0.0.1', resolve));

  let leaked: string | undefined;
  const log = (chunk: Buffer) => {
    leaked ??= chunk.includes(SECRET) ? chunk.toString() : undefined;
  };
  const env = {
    ...{ ...database, [ENV.bucket]: BUCKET, AWS_REGION: 'us-east-1' },
    ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${s3Port}` },
    ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: SECRET },
  };
  const hosts = new Map<FunctionName, LambdaHost>();
  function hostOf(name: FunctionName): LambdaHost {
    const bundle = join(DIST, name, 'index.mjs');
    const host =
      hosts.get(name) ?? new LambdaHost({ name, bundle, timeoutMs: TIMEOUT_MS, env, log });
    hosts.set(name, host);
    return host;
  }
  const invoke = (name: FunctionName, event: string) => hostOf(name).invoke(event);
  await invoke('migrate-database', '{}');
  const sql = makePostgres(database, { functionName: 'serve-api', connectionsMax: 2 });
  return {
    invoke,
    sql,
    lastId: '0',
    takeQuarantine: (topic) => takeQuarantine(join(folder, 's3', BUCKET), topic),
    leak: () => leaked,
    async close() {
      await Promise.all([...hosts.values()].map((host) => host.close()));
      await sql.end();
      s3.closeAllConnections();
      s3.close();
      await postgres.stop();
      process.off('exit', killAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openDatabase({ address }: Postgres): Promise<Record<string, string>> {
  const env = {
    ...{ [ENV.dbHost]: address.host, [ENV.dbPort]: String(address.port) },
    [ENV.dbName]: address.database,
  };
  const own = { ...env, [ENV.dbUser]: address.user, [ENV.dbPassword]: address.password };
  const admin = makePostgres(own, { functionName: 'migrate-database', connectionsMax: 1 });
  // The data lives as long as the run: nothing of it need reach the disk.
  await admin.unsafe('alter system set fsync = off');
  await admin.unsafe('select pg_reload_conf()');
  await admin.unsafe(`create role fuzzed superuser login password '${SECRET}-password'`);
  await admin.end();
  return { ...env, [ENV.dbUser]: 'fuzzed', [ENV.dbPassword]: `${SECRET}-password` };
}

async function takeQuarantine(bucket: string, topic: string): Promise<Map<string, string>> {
  const folder = join(bucket, 'quarantine', topic);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const objects = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    objects.set(path.slice(bucket.length + 1), await readFile(path, 'utf8'));
  }
  await rm(folder, { recursive: true, force: true });
  return objects;
}
