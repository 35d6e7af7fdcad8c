// The stack, deployed into an emulator that the tests of one file share.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ENV, type FunctionName } from '../../functions/contracts.ts';
import { deployedFunctions } from '../../local/consume/deployed-functions.ts';
import { CdkCli, type Context, emulatorEnvironment } from '../../local/emulator/cdk-cli.ts';
import { storeDatabaseSecret } from '../../local/emulator/database-secret.ts';
import type { Functions } from '../../local/service/functions.ts';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '../support/postgres.ts';
import { Gateway } from './gateway.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { patchTemplate, withoutBootstrapRoles } from './template-patches.ts';

export const STACK = 'emulated';
/** An empty database, as a new RDS instance has one. */
const EMPTY = 'template0';

export function functionName(name: FunctionName | ''): string {
  return `${STACK}-${name}`;
}

export class Deployment {
  readonly functions: Functions = deployedFunctions(functionName(''));
  readonly s3 = new S3Client();
  readonly database: TestDatabase;
  readonly emulator: MiniStack;
  bucket = '';
  table = '';
  #gateway: Gateway | undefined;
  readonly #cdk: CdkCli;
  readonly #folder: string;
  readonly #postgres: TestPostgres;
  readonly #context: Context;

  private constructor(
    folder: string,
    emulator: MiniStack,
    postgres: TestPostgres,
    database: TestDatabase,
    secretArn: string,
  ) {
    this.#folder = folder;
    this.emulator = emulator;
    this.#postgres = postgres;
    this.database = database;
    this.#cdk = new CdkCli(emulator.endpoint, folder);
    this.#context = {
      stage: 'localstack',
      stackName: STACK,
      flushInterval: 60,
      databaseHost: '127.0.0.1',
      databasePort: Number(database.env[ENV.dbPort]),
      databaseName: database.env[ENV.dbName] ?? '',
      databaseSecretArn: secretArn,
    };
  }

  /** Emulator and database; nothing is deployed yet. */
  static async prepare(): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
    await chmod(folder, 0o755);
    const emulator = await startMiniStack(folder);
    // For the clients of the test itself.
    Object.assign(process.env, emulatorEnvironment(emulator.endpoint));
    const postgres = await startTestPostgres();
    const database = await postgres.freshDatabase(EMPTY);
    const { [ENV.dbUser]: username = '', [ENV.dbPassword]: password = '' } = database.env;
    const secretArn = await storeDatabaseSecret(emulator.endpoint, { username, password });
    return new Deployment(folder, emulator, postgres, database, secretArn);
  }

  async bootstrap(): Promise<void> {
    await this.#cdk.bootstrap();
  }

  /** The first time, and again with other settings. */
  async deploy(changed: Context = {}): Promise<void> {
    await this.#cdk.synth({ ...this.#context, ...changed });
    const { assembly } = this.#cdk;
    patchTemplate(join(assembly, `${STACK}.template.json`));
    withoutBootstrapRoles(join(assembly, `${STACK}.assets.json`));
    withoutBootstrapRoles(join(assembly, 'manifest.json'));
    const outputs = await this.#cdk.deploy(STACK);
    const output = (name: RegExp) => {
      const found = Object.entries(outputs).find(([key]) => name.test(key))?.[1];
      if (!found) throw new Error(`The stack has no output ${name}: ${JSON.stringify(outputs)}`);
      return found;
    };
    this.bucket = output(/^DocumentsBucketName/);
    this.table = output(/^AggregatesTableName/);
    this.#gateway = new Gateway(this.emulator.port, output(/Url/));
  }

  get gateway(): Gateway {
    if (!this.#gateway) throw new Error('Nothing is deployed yet.');
    return this.#gateway;
  }

  async destroy(): Promise<void> {
    await this.#cdk.destroy(STACK);
  }

  /** Table and documents' bucket, of whatever deployment. */
  async storesThere(): Promise<string[]> {
    const tables = await new DynamoDBClient().send(new ListTablesCommand());
    const { Buckets = [] } = await this.s3.send(new ListBucketsCommand());
    const buckets = Buckets.map(({ Name = '' }) => Name);
    const isOurs = (name: string) => name.startsWith(`${STACK}-`);
    const isStore = (name: string) => !/accesslogs/i.test(name) && isOurs(name);
    return [...(tables.TableNames ?? []).filter(isOurs), ...buckets.filter(isStore)];
  }

  async stop(): Promise<void> {
    await this.functions.close();
    await this.emulator.stop();
    await this.#postgres.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
