// I35: no secret stands in a function's environment, nor in its errors. Tokens and secrets against a real
// server, which asks for the password as RDS does. I133: the runbook's "The admin secret".
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { Signer } from '@aws-sdk/rds-signer';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { admit, serveTls } from '../support/postgres-access.ts';
import { type SecretsServer, startSecretsServer } from '../support/secrets-server.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:1:secret:of-the-database';
const PASSWORD = 'a-very-secret-password';
const MINUTES = 60_000;

const server = useTestPostgres();
let secrets: SecretsServer;
let superuser: Sql;
let base: Environment;

beforeAll(async () => {
  const { env, sql } = await server.freshDatabase();
  superuser = sql;
  base = { ...env, [ENV.dbUser]: '', [ENV.dbPassword]: '', [ENV.dbSsl]: 'require' };
  await serveTls(sql, 'server');
  await admit(sql, 'hostssl all token_user 127.0.0.1/32 password');
  await admit(sql, 'hostssl all missing_user 127.0.0.1/32 trust');
  await sql.unsafe('create role token_user login');
  await sql.unsafe('create role secret_user login');
  secrets = await startSecretsServer();
});

afterAll(() => secrets.close());

beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  secrets.asked.length = 0;
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const setPassword = (user: string, password: string) =>
  superuser.unsafe(`alter role ${user} password '${password}'`);

async function userOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ name: string }>`select current_user::text as name`;
  return String(row?.name);
}

const failureOf = (sql: Sql) => userOf(sql).catch((error: unknown) => error as Error);

test('DB_IAM_AUTH: each connection comes with a token that was signed for it', async () => {
  const env: Environment = {
    ...{ ...base, AWS_REGION: 'eu-central-1' },
    ...{ [ENV.dbUser]: 'token_user', [ENV.dbIamAuth]: 'true' },
  };
  const sign = () => {
    const place = { hostname: String(env[ENV.dbHost]), port: Number(env[ENV.dbPort]) };
    return new Signer({ ...place, region: 'eu-central-1', username: 'token_user' }).getAuthToken();
  };
  // A token depends on the moment, to the second.
  const start = Date.UTC(2026, 0, 1);
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  await setPassword('token_user', await sign());
  const sql = server.connect(env, 2);
  expect(await userOf(sql)).toBe('token_user');

  vi.setSystemTime(start + 16 * MINUTES);
  await expect(userOf(sql)).rejects.toThrow(
    /password authentication failed for user "token_user"; the function must be allowed rds-db:connect as this user, and the user be a member of rds_iam$/,
  );
  await setPassword('token_user', await sign());
  expect(await userOf(sql)).toBe('token_user');
});

test('DB_SECRET_ARN: user and password of the secret, read once for many connections', async () => {
  await setPassword('secret_user', PASSWORD);
  secrets.secrets.set(SECRET, JSON.stringify({ username: 'secret_user', password: PASSWORD }));
  const sql = server.connect({ ...base, [ENV.dbSecretArn]: SECRET }, 3);
  await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.1)`));
  expect(await userOf(sql)).toBe('secret_user');
  expect(secrets.asked).toEqual([SECRET]);

  secrets.secrets.set(SECRET, JSON.stringify({ username: 'nobody', password: PASSWORD }));
  const named = { ...base, [ENV.dbSecretArn]: SECRET, [ENV.dbUser]: 'secret_user' };
  expect(await userOf(server.connect(named, 1))).toBe('secret_user');
});

test('DB_SECRET_ARN: a password that was rotated is read anew, at once and after a few minutes', async () => {
  const rotate = async (password: string) => {
    secrets.secrets.set(SECRET, JSON.stringify({ username: 'secret_user', password }));
    await setPassword('secret_user', password);
  };
  await rotate(PASSWORD);
  const sql = server.connect({ ...base, [ENV.dbSecretArn]: SECRET }, 2);
  const first = await sql.session();
  await rotate(`${PASSWORD}-2`);
  // The second connection comes with what was kept, and is refused.
  expect(await userOf(sql)).toBe('secret_user');
  expect(secrets.asked).toHaveLength(2);
  first.release();

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * MINUTES });
  expect(await userOf(sql)).toBe('secret_user');
  expect(secrets.asked).toHaveLength(3);
});

test('DB_SECRET_ARN: what cannot be used is told without telling the secret', async () => {
  const secretIs = (text: string | null | undefined) =>
    text === undefined ? secrets.secrets.delete(SECRET) : secrets.secrets.set(SECRET, text);
  await setPassword('secret_user', 'something else');
  const { stringify } = JSON;
  for (const [text, told] of [
    [undefined, 'cannot be read: ResourceNotFoundException: there is no such secret'],
    [null, 'cannot be read: AccessDeniedException: allow secretsmanager:GetSecretValue on it'],
    [PASSWORD, 'is not a JSON object with "username" and "password".'],
    [stringify(PASSWORD), 'is not a JSON object with "username" and "password".'],
    [stringify({ password: PASSWORD }), 'has no "username".'],
    [stringify({ username: 'secret_user', passwort: PASSWORD }), 'has no "password".'],
    [stringify({ username: 'secret_user', password: PASSWORD }), 'does not hold what the server'],
  ] as const) {
    secretIs(text);
    const failure = await failureOf(server.connect({ ...base, [ENV.dbSecretArn]: SECRET }, 1));
    const shown = inspect(failure, { depth: 20, showHidden: true });
    expect(shown).toMatch(/ConnectionError: No connection to PostgreSQL at .*DB_SECRET_ARN/);
    expect(shown).toContain(told);
    // Not even its beginning, which JSON.parse would quote.
    expect(shown).not.toContain(PASSWORD.slice(0, 6));
  }
});

test('DB_SECRET_ARN: no way to Secrets Manager, as in a VPC without its endpoint', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`);
  const failure = await failureOf(server.connect({ ...base, [ENV.dbSecretArn]: SECRET }, 1));
  expect(String(failure)).toContain(`the secret ${SECRET} cannot be read: TimeoutError: no answer`);
  silent.close();
});

test('a role that is not there: the error says who makes it', async () => {
  await expect(
    userOf(server.connect({ ...base, [ENV.dbUser]: 'missing_user' }, 1)),
  ).rejects.toThrow(
    'role "missing_user" does not exist; make the role: run migrate-database with DB_ADMIN_SECRET_ARN, or see docs/database-access.md',
  );
});
