// A deployment's database and its functions, each running as its own role: the roles are made by an administrator
// who is no superuser, as on RDS, and a server stands in for Secrets Manager.
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { DATABASE_ROLES, ENV } from '../../functions/contracts.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { administeredDatabase, admit, serveTls } from '../support/postgres-access.ts';
import { type SecretsServer, startSecretsServer } from '../support/secrets-server.ts';

export const SECRET = 'arn:aws:secretsmanager:eu-central-1:1:secret:master';

export const server = useTestPostgres();
export let secrets: SecretsServer;
let deployments = 0;

beforeAll(async () => {
  const { sql } = await server.freshDatabase();
  await serveTls(sql, 'server');
  // In RDS's place, which asks IAM whether the token is good. Without TLS nobody of them comes in.
  await admit(
    sql,
    'hostssl all /^analytics_ 127.0.0.1/32 trust',
    'hostnossl all /^analytics_ 127.0.0.1/32 reject',
  );
  secrets = await startSecretsServer();
});

afterAll(() => secrets.close());

beforeEach(() => {
  const variables = {
    ...{ AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    ...{ POWERTOOLS_DEV: 'false', POWERTOOLS_METRICS_DISABLED: 'true' },
    ...{ [ENV.logLevel]: 'SILENT', [ENV.bucket]: 'none' },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterEach(() => vi.unstubAllEnvs());

/** A deployment's database before the first deployment, and the environment of each function. */
export async function freshDeployment() {
  deployments += 1;
  // Roles are the server's, not a database's.
  const master = `master_${deployments}`;
  const writer = `${DATABASE_ROLES.writer}_${deployments}`;
  const reader = `${DATABASE_ROLES.reader}_${deployments}`;
  const { env, superuser, as } = await administeredDatabase(server, master);
  secrets.secrets.set(SECRET, JSON.stringify({ username: master, password: 'rds' }));
  secrets.asked.length = 0;
  const iam = {
    ...{ ...env, AWS_REGION: 'eu-central-1', [ENV.dbPassword]: '' },
    ...{ [ENV.dbIamAuth]: 'true', [ENV.dbSsl]: 'require' },
  };
  const environments = {
    'record-outcomes': { ...iam, [ENV.dbUser]: writer },
    'serve-api': { ...iam, [ENV.dbUser]: reader },
    'migrate-database': {
      ...{ ...iam, [ENV.dbUser]: writer, [ENV.dbReaderUser]: reader },
      [ENV.dbAdminSecretArn]: SECRET,
    },
  } as const;
  return {
    ...{ master, writer, reader, superuser, as, environments },
    asWriter: server.connect(environments['record-outcomes'], 1),
    asReader: server.connect(environments['serve-api'], 1),
    invoke: (name: keyof typeof environments, event: unknown) =>
      coldStart(name, environments[name], event),
  };
}

export async function coldStart(name: string, env: Environment, event: unknown): Promise<unknown> {
  vi.resetModules();
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  const { handler } = await import(`../../functions/handlers/${name}.ts`);
  const answer = await handler(event, {});
  vi.stubEnv(ENV.dbAdminSecretArn, '');
  vi.stubEnv(ENV.dbReaderUser, '');
  return answer;
}
