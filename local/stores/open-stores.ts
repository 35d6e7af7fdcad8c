// The stores of one data directory, as their owner or through the endpoints of the live owner.
import { existsSync, readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { LOOPBACK, listen } from '../http/listen.ts';
import {
  type Endpoints,
  type Environment,
  LOCAL_CREDENTIALS,
  type LocalNames,
  readLocalNames,
} from '../shared/settings.ts';
import { explainFileError, UserError } from '../shared/user-error.ts';
import {
  type DataPaths,
  dataPaths,
  findOwner,
  forgetOwner,
  makeFolder,
  newOwnerId,
  type Owner,
  recordOwner,
} from './data-directory.ts';
import { type DataForm, gone, readForm, writeForm } from './data-form.ts';
import { createAggregatesTable, hasTable, startDynamoDb } from './dynamodb.ts';
import { ObjectFiles } from './object-files.ts';
import { databaseEnvironment, type LocalPostgres, startPostgres } from './postgres.ts';
import { createS3Server } from './s3-server.ts';

export interface Stores extends LocalNames {
  readonly paths: DataPaths;
  readonly endpoints: Endpoints;
  /** False when a running `npm start` owns the directory and these are its endpoints. */
  readonly owned: boolean;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /**
   * What a function needs to reach PostgreSQL, which starts when this is asked first: orders alone do
   * not need it.
   * @throws {UserError}
   */
  openDatabase(): Promise<Record<string, string>>;
  /** Closes everything that this process opened. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The npm script that asks, for the messages of others that find the directory in use. */
  readonly command: string;
  readonly env: Environment;
  /** 0 lets the system choose. */
  readonly ports?: Ports;
  /** Whether the directory must be there, for a command that makes nothing new. */
  readonly mustExist?: boolean;
  /** Told when a store dies later; the default shows the error and ends the process. */
  readonly onFailure?: (error: unknown) => void;
}

interface Ports {
  readonly dynamodb: number;
  readonly s3: number;
  readonly postgres: number;
}

const ANY_PORTS: Ports = { dynamodb: 0, s3: 0, postgres: 0 };

/** @throws {UserError} when the directory is damaged, not accessible, or in use by a command. */
export async function openStores(dataDir: string, options: OpenOptions): Promise<Stores> {
  const paths = dataPaths(dataDir);
  if (options.mustExist && !mayBeDataDirectory(paths)) {
    throw new UserError(`${dataDir} is no data directory: npm start and npm run replay make one.`);
  }
  await makeFolder(paths.root);
  const owner = await findOwner(paths);
  if (!owner) return ownStores(paths, options);
  if (owner.command !== 'start' || options.command === 'start') {
    throw new UserError(
      `${paths.root} is in use by "npm run ${owner.command}" (process ${owner.pid}). ` +
        'Wait until it ends or stop it, or choose another with --data-dir.',
    );
  }
  return connect(paths, owner, options.env);
}

/** One that was made empty may become one; a name that was mistyped may not, nor a folder of other things. */
function mayBeDataDirectory({ root, dynamodb }: DataPaths): boolean {
  return existsSync(dynamodb) || (existsSync(root) && readdirSync(root).length === 0);
}

function connect(
  paths: DataPaths,
  { endpoints }: Pick<Owner, 'endpoints'>,
  env: Environment,
): Stores {
  const names = readLocalNames(env);
  const shared = { region: names.region, credentials: LOCAL_CREDENTIALS };
  const dynamodb = new DynamoDBClient({ ...shared, endpoint: endpoints.dynamodb });
  const s3 = new S3Client({ ...shared, endpoint: endpoints.s3 });
  const close = async () => {
    dynamodb.destroy();
    s3.destroy();
  };
  const openDatabase = async () => {
    const { postgres } = endpoints;
    if (postgres !== undefined) return databaseEnvironment(paths, postgres, names.database);
    throw new UserError(
      `${paths.root} is in use by a command that has not started PostgreSQL yet.`,
    );
  };
  return { ...names, paths, endpoints, owned: false, dynamodb, s3, openDatabase, close };
}

async function ownStores(
  paths: DataPaths,
  { command, env, ports = ANY_PORTS, onFailure = endProcess }: OpenOptions,
): Promise<Stores> {
  let form = await readForm(paths);
  await Promise.all([paths.dynamodb, paths.s3].map(makeFolder));
  // Before there are aggregates: without a note they would be those of an old version, should this start fail.
  if (!existsSync(paths.form)) await writeForm(paths, form);
  const id = newOwnerId();
  const dynamodb = await startDynamoDb({ path: paths.dynamodb, port: ports.dynamodb }, onFailure);
  const files = new ObjectFiles(paths.s3);
  const server = createS3Server(files, id, (error) => {
    const failure = explainFileError(error, paths.s3);
    if (failure instanceof UserError) onFailure(failure);
  });
  let postgres: Promise<LocalPostgres> | undefined;
  async function closeServers(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await dynamodb.close();
    // One that could not start has said so to those who asked for it.
    await postgres?.then(
      (started) => started.close(),
      () => {},
    );
    await forgetOwner(paths);
  }
  try {
    await files.prepare();
    await listen(server, ports.s3, 'the S3 endpoint');
    const endpoints: Endpoints = { dynamodb: dynamodb.endpoint, s3: endpointOf(server) };
    const owner = { id, pid: process.pid, command, endpoints };
    await recordOwner(paths, owner);
    const stores = connect(paths, { endpoints }, env);
    async function openPostgres(): Promise<LocalPostgres> {
      const { database } = stores;
      if (form.postgres && !existsSync(paths.postgres)) throw gone('PostgreSQL', paths.postgres);
      const started = await startPostgres({ paths, port: ports.postgres, database, onFailure });
      form = await noted(paths, form, { postgres: started.major });
      await recordOwner(paths, { ...owner, endpoints: { ...endpoints, postgres: started.port } });
      return started;
    }
    form = await openTable(stores, form);
    await files.createBucket(stores.bucket);
    return {
      ...stores,
      owned: true,
      openDatabase: async () => {
        postgres ??= openPostgres();
        return databaseEnvironment(paths, (await postgres).port, stores.database);
      },
      close: () => stores.close().then(closeServers),
    };
  } catch (error) {
    await closeServers();
    throw explainFileError(error, paths.s3);
  }
}

async function openTable({ paths, dynamodb, table }: Stores, form: DataForm): Promise<DataForm> {
  if (form.tables.includes(table) && !(await hasTable(dynamodb, table))) {
    throw gone(`The table ${table}`, paths.dynamodb);
  }
  await createAggregatesTable(dynamodb, table);
  return noted(paths, form, { tables: [...new Set([...form.tables, table])] });
}

async function noted(paths: DataPaths, before: DataForm, news: Partial<DataForm>) {
  const form = { ...before, ...news };
  await writeForm(paths, form);
  return form;
}

function endpointOf(server: Server): string {
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

function endProcess(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
