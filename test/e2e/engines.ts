// Everything that the service works with, as processes of this machine that can be killed and started
// again one by one, and the service itself: `npm run consume` between them.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { ENV } from '../../functions/contracts.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import { createDynamoDbLocal } from '../platform/dynamodb-local.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { type Platform, startPlatform } from '../platform/platform.ts';
import { Postgres } from '../platform/postgres.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { ScriptProcess } from './script-process.ts';
import { startSource } from './shop.ts';
import { GROUP, PARTITIONS } from './topics.ts';

export const TABLE = 'analytics-aggregates';
export const BUCKET = 'analytics-e2e';
const START_TIMEOUT_MS = 60_000;
/** What the connector sent since is sent again when it was killed. */
const OFFSET_FLUSH_INTERVAL_MS = 5_000;
/** The shortest that a broker takes, so that a killed consumer's partitions are free again soon. */
const SESSION_TIMEOUT_MS = 6_000;
const REPORTS_EVERY_S = 10;
const REMOVE = { recursive: true, force: true, maxRetries: 10 } as const;
/** The logs of the newest run stay. */
export const LOGS = join(import.meta.dirname, '..', '..', '.cache', 'e2e');
export const CONSUME_LOG = join(LOGS, 'consume.log');
const MEMORY = '/dev/shm';
const MEMORY_BYTES = 1024 ** 3;

export interface Component {
  kill(): Promise<void>;
  /** Until it answers. */
  start(): Promise<void>;
}

export interface Engines {
  readonly platform: Platform;
  /** How any program of the project finds the stores. */
  readonly env: Readonly<Record<string, string>>;
  readonly consumer: ScriptProcess;
  readonly shop: ScriptProcess;
  /** In the order in which they need each other. */
  readonly components: ReadonlyMap<string, Component>;
  /** @throws {Error} when a program ended that nobody had ended. */
  check(): void;
  stop(): Promise<void>;
}

export async function startEngines(seed: number): Promise<Engines> {
  rmSync(LOGS, REMOVE);
  mkdirSync(LOGS, { recursive: true });
  const folder = makeFolder(tmpdir());
  const fastFolder = makeFolder(folderOfMemory());
  const [databasePort = 0, dynamodbPort = 0, s3Port = 0] = await findFreePorts(3);
  const database = new Postgres(join(folder, 'outcomes'), databasePort);
  const dynamodb = createDynamoDbLocal({ dir: fastFolder, port: dynamodbPort });
  const s3 = s3Program(folder, s3Port);
  const running = [s3.program, dynamodb.process, database];
  const abandon = () => {
    for (const program of running) program.killNow();
    for (const one of [folder, fastFolder]) rmSync(one, REMOVE);
  };
  process.once('exit', abandon);

  const [platform] = await Promise.all([
    startPlatform({ offsetFlushIntervalMs: OFFSET_FLUSH_INTERVAL_MS }),
    ...[database.start(), dynamodb.process.start(), s3.start()],
  ]);
  const { postgres: source, kafka, connect } = platform;
  const env = environment(database, dynamodb.endpoint, s3.endpoint);
  await Promise.all([
    createAggregatesTable(dynamodb.client(), TABLE),
    migrate(env),
    createOutcomesTopic(kafka.bootstrap),
    startSource(platform, seed),
  ]);
  const consumer = consumeProgram(platform, env);
  const shop = shopProgram(source.address.port, seed);
  running.push(shop, consumer);
  const components = new Map<string, Component>([
    ['broker', kafka.process],
    ['source database', withShop(source, shop)],
    ['outcomes database', database],
    ['DynamoDB Local', dynamodb.process],
    ['S3', s3],
    ['connector', connect.process],
    ['consumer', { kill: () => consumer.kill(), start: async () => consumer.start() }],
  ]);
  const check = () => {
    for (const program of [consumer, shop, s3.program]) program.check();
  };
  const stop = async () => {
    for (const program of running) await program.kill();
    await platform.stop();
    process.off('exit', abandon);
    for (const one of [folder, fastFolder]) rmSync(one, REMOVE);
  };
  return { platform, env, consumer, shop, components, check, stop };
}

/** PostgreSQL runs as its own user when this process is root, and must be able to walk in. */
function makeFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'e2e-'));
  chmodSync(folder, 0o755);
  return folder;
}

/**
 * DynamoDB Local waits for the disk at every write, which is most of what it takes. A file system in
 * memory outlives the processes that are killed here as a disk does.
 */
function folderOfMemory(): string {
  const { bavail, bsize } = existsSync(MEMORY) ? statfsSync(MEMORY) : { bavail: 0, bsize: 0 };
  return bavail * bsize > MEMORY_BYTES ? MEMORY : tmpdir();
}

/** The shop loses its connections with the database, in the middle of what it was doing. */
function withShop(source: Postgres, shop: ScriptProcess): Component {
  return {
    kill: async () => {
      await source.kill();
      await shop.kill();
    },
    start: async () => {
      await source.start();
      shop.start();
    },
  };
}

function environment(database: Postgres, dynamodbEndpoint: string, s3Endpoint: string) {
  const { host, port, user, password } = database.address;
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ENDPOINT_URL_S3: s3Endpoint,
    [ENV.aggregatesTable]: TABLE,
    [ENV.bucket]: BUCKET,
    [ENV.dbHost]: host,
    [ENV.dbPort]: String(port),
    [ENV.dbName]: database.address.database,
    [ENV.dbUser]: user,
    [ENV.dbPassword]: password,
    [ENV.logLevel]: 'INFO',
  };
}

function consumeProgram({ kafka }: Platform, env: Readonly<Record<string, string>>): ScriptProcess {
  return new ScriptProcess({
    name: 'npm run consume',
    file: 'local/commands/consume.ts',
    args: () => ['--brokers', kafka.bootstrap, '--data-dir', LOGS],
    env: {
      ...env,
      KAFKA_GROUP_ID: GROUP,
      KAFKA_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
      FLUSH_INTERVAL: String(REPORTS_EVERY_S),
    },
    mayEnd: { with: /The Kafka client failed by itself/, times: 2 },
    logFile: CONSUME_LOG,
  });
}

/** A shop that is started again goes on with another seed. */
function shopProgram(port: number, seed: number): ScriptProcess {
  let starts = 0;
  return new ScriptProcess({
    name: 'the shop',
    file: 'test/e2e/shop-program.ts',
    args: () => {
      starts += 1;
      return [String(port), String(seed + 1_000 * starts)];
    },
    logFile: join(LOGS, 'shop.log'),
  });
}

function s3Program(folder: string, port: number) {
  const endpoint = `http://127.0.0.1:${port}`;
  const objects = join(folder, 's3');
  const program = new ScriptProcess({
    name: 'S3',
    file: 'test/e2e/s3-program.ts',
    args: () => [objects, String(port), BUCKET],
    logFile: join(LOGS, 's3.log'),
  });
  const start = async () => {
    mkdirSync(objects, { recursive: true });
    program.start();
    await waitUntil('S3 to start', async () => (await fetch(endpoint)).ok, START_TIMEOUT_MS);
  };
  return { endpoint, program, start, kill: () => program.kill() };
}

async function migrate(env: Readonly<Record<string, string>>): Promise<void> {
  const program = new ScriptProcess({
    ...{ name: 'npm run migrate', file: 'local/commands/migrate.ts', args: () => [] },
    ...{ env, logFile: join(LOGS, 'migrate.log') },
  });
  program.start();
  await program.ended();
}

async function createOutcomesTopic(bootstrap: string): Promise<void> {
  const admin = new Admin({ clientId: 'e2e', bootstrapBrokers: [bootstrap] });
  await admin.createTopics({ topics: [OUTCOMES_TOPIC], partitions: PARTITIONS, replicas: 1 });
  await admin.close();
}
