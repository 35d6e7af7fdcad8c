// The environment alone chooses how a function logs on, and a wrong choice is named.
import { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { ENV } from '../../../functions/contracts.ts';
import { readLogin } from '../../../functions/platform/database-login.ts';
import { administratorLogin, readRoles } from '../../../functions/platform/database-roles.ts';

const PLACE = { host: 'db.example.com', port: 5432 };
const IAM = { DB_IAM_AUTH: 'true', DB_SSL: 'verify-full', AWS_REGION: 'eu-central-1' };

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('nothing chosen, or a password', async () => {
  expect(await readLogin({}, PLACE).credentials()).toEqual({ user: 'postgres', password: '' });
  const env = { [ENV.dbUser]: 'me', [ENV.dbPassword]: 'p', [ENV.dbIamAuth]: '' };
  expect(await readLogin(env, PLACE).credentials()).toEqual({ user: 'me', password: 'p' });
});

test.each([
  [
    { ...IAM, DB_PASSWORD: 'p' },
    'DB_PASSWORD and DB_IAM_AUTH are set: at most one of them may be.',
  ],
  [{ ...IAM, DB_SECRET_ARN: 'a' }, 'DB_IAM_AUTH and DB_SECRET_ARN are set'],
  [{ DB_PASSWORD: 'p', DB_SECRET_ARN: 'a' }, 'DB_PASSWORD and DB_SECRET_ARN are set'],
  [{ ...IAM, DB_IAM_AUTH: 'yes' }, 'DB_IAM_AUTH is "yes": it must match /^true$/.'],
  [{ ...IAM, DB_SSL: 'disable' }, 'DB_IAM_AUTH needs TLS: DB_SSL must be "verify-full"'],
  [{ ...IAM, DB_SSL: undefined }, 'DB_IAM_AUTH needs TLS: DB_SSL must be "verify-full"'],
  [{ ...IAM, AWS_REGION: '' }, 'The environment variable AWS_REGION is not set.'],
])('refused: %o', (env, message) => {
  expect(() => readLogin(env, PLACE)).toThrow(message);
});

test('a token is a signed address of 15 minutes, and takes no call', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const called = vi.spyOn(Socket.prototype, 'connect');
  const login = readLogin({ ...IAM, [ENV.dbUser]: 'analytics_reader' }, PLACE);
  const { user, password } = await login.credentials();
  expect(called).not.toHaveBeenCalled();
  expect(user).toBe('analytics_reader');
  const token = new URL(`https://${password}`);
  expect(token.host).toBe('db.example.com:5432');
  expect(Object.fromEntries(token.searchParams)).toMatchObject({
    ...{ Action: 'connect', DBUser: 'analytics_reader', 'X-Amz-Expires': '900' },
    'X-Amz-Credential': expect.stringContaining('/eu-central-1/rds-db/aws4_request'),
  });
});

test('the roles that migrate-database sees to', () => {
  const named = { [ENV.dbUser]: 'w', [ENV.dbReaderUser]: 'r' };
  expect(readRoles(named)).toEqual({ writer: 'w', reader: 'r' });
  expect(readRoles({})).toEqual({ writer: 'postgres', reader: undefined });
  expect(() => readRoles({ ...named, [ENV.dbReaderUser]: 'w' })).toThrow(
    'DB_READER_USER is "w", and so is DB_USER.',
  );
  for (const name of ['r; drop table t', 'R', '1r', 'r'.repeat(64), 'r"']) {
    expect(() => readRoles({ ...named, [ENV.dbReaderUser]: name })).toThrow('DB_READER_USER is');
  }
});

test('an administrator is for roles with tokens alone', () => {
  const admin = { [ENV.dbAdminSecretArn]: 'arn' };
  expect(administratorLogin(IAM)).toBeUndefined();
  expect(() => administratorLogin(admin)).toThrow(
    'DB_ADMIN_SECRET_ARN needs DB_IAM_AUTH=true: the roles that it makes have no password.',
  );
  expect(() => administratorLogin({ ...IAM, ...admin, [ENV.dbUser]: 'W' })).toThrow('DB_USER is');
  expect(administratorLogin({ ...IAM, ...admin, [ENV.dbUser]: 'w' })?.setting).toBe(
    ENV.dbAdminSecretArn,
  );
});
