// npm run deploy:localstack: the stack into the LocalStack of compose.yaml, or into one of one's own.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULTS } from '../../functions/contracts.ts';
import { CdkCli, emulatorEnvironment, type Outputs } from '../emulator/cdk-cli.ts';
import { storeDatabaseSecret } from '../emulator/database-secret.ts';
import { defineCommand, runCommand } from '../shared/command.ts';
import { type Environment, readFlushInterval, readWholeNumber } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const STACK = 'analytics-service';
const FOLDER = '.data/localstack';
/** As compose.yaml has it. The host is as the functions see it, from their containers. */
const DATABASE = { host: 'postgres', password: 'laptop' };
const START_TIMEOUT_MS = 60_000;

const command = defineCommand('deploy:localstack', 'Deploys the stack into a LocalStack.')
  .option('--stack <name>', 'what the stack is called', STACK)
  .action(({ stack }) => deployToLocalStack(stack));

async function deployToLocalStack(stack: string): Promise<void> {
  const { env } = process;
  const endpoint = env.AWS_ENDPOINT_URL || ENDPOINT;
  await waitForHealth(endpoint);
  const context = { stackName: stack, ...(await readContext(env, endpoint)) };
  const cdk = new CdkCli(endpoint, FOLDER, (chunk) => process.stderr.write(chunk));
  await cdk.bootstrap();
  await cdk.synth(context);
  process.stdout.write(howToGoOn(endpoint, stack, await cdk.deploy(stack)));
}

/** It may have been started a moment ago. */
async function waitForHealth(endpoint: string): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!signal.aborted) {
    const isWell = await fetch(`${endpoint}/_localstack/health`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isWell) return;
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
  throw new UserError(
    `No LocalStack answers at ${endpoint}. Start it with "docker compose up --detach", or name ` +
      'another in AWS_ENDPOINT_URL.',
  );
}

async function readContext(env: Environment, endpoint: string) {
  const user = {
    username: env.DB_USER || DEFAULTS.dbUser,
    password: env.DB_PASSWORD || DATABASE.password,
  };
  const port = env.DB_PORT ? readWholeNumber('DB_PORT', env.DB_PORT, 1, 65_535) : DEFAULTS.dbPort;
  return {
    stage: 'localstack',
    flushInterval: wholeMinutes(readFlushInterval(env)),
    databaseHost: env.DB_HOST || DATABASE.host,
    databasePort: port,
    databaseName: env.DB_NAME || DEFAULTS.dbName,
    databaseSecretArn: await storeDatabaseSecret(endpoint, user),
  };
}

function wholeMinutes(seconds: number): number {
  if (seconds % 60 === 0) return seconds;
  throw new UserError(`FLUSH_INTERVAL must be whole minutes here (60, 120, …), not "${seconds}".`);
}

function howToGoOn(endpoint: string, stack: string, outputs: Outputs): string {
  const settings = Object.entries(emulatorEnvironment(endpoint)).map((pair) => pair.join('='));
  return [
    `export ${settings.join(' ')}`,
    `npm run consume -- --brokers 127.0.0.1:9092 --invoke lambda --stack ${stack}`,
    `curl ${apiUrl(endpoint, outputs)}outcomes/stats/`,
    '',
  ].join('\n');
}

/** The address in the output is one of AWS: the emulator has the same API under a path of its own. */
function apiUrl(endpoint: string, outputs: Outputs): string {
  const url = Object.values(outputs).find((value) => value.includes('.execute-api.'));
  const [, api, stage] = /^https?:\/\/(\w+)\..*\/(\w+)\/$/.exec(url ?? '') ?? [];
  return `${endpoint}/_aws/execute-api/${api}/${stage}/api/`;
}

await runCommand('deploy:localstack', command);
