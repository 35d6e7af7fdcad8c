// DB_SSL over a real server with a certificate: who is let through, and what the others are told.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { admit, CERTIFICATES, serveTls } from '../support/postgres-access.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'connect-once.ts');
const server = useTestPostgres();
let database: Awaited<ReturnType<typeof server.freshDatabase>>;

beforeAll(async () => {
  database = await server.freshDatabase();
});

async function connectWith(settings: Readonly<Record<string, string>>): Promise<string> {
  const env = { PATH: process.env.PATH, ...database.env, ...settings };
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { env });
  return stdout.replaceAll(/\d{4,5}\/test_\d+/g, 'PORT/DATABASE');
}

const trusting = (authority: string) => ({
  NODE_EXTRA_CA_CERTS: join(CERTIFICATES, `${authority}.crt`),
});
const disable = { [ENV.dbSsl]: 'disable' };
const require = { [ENV.dbSsl]: 'require' };
const verifyFull = { [ENV.dbSsl]: 'verify-full', ...trusting('authority') };
const FAILED = 'No connection to PostgreSQL at 127.0.0.1:PORT/DATABASE: ';

test('a server without TLS', async () => {
  expect(await connectWith(disable)).toBe('plain');
  expect(await connectWith(require)).toBe(
    `${FAILED}the server offers no TLS, which DB_SSL asks for`,
  );
});

describe('a server with a certificate', () => {
  beforeAll(() => serveTls(database.sql, 'server'));

  test('takes each mode; verify-full by address and by name', async () => {
    expect(await connectWith(disable)).toBe('plain');
    expect(await connectWith(require)).toBe('encrypted');
    expect(await connectWith(verifyFull)).toBe('encrypted');
    expect(await connectWith({ ...verifyFull, [ENV.dbHost]: 'localhost' })).toBe('encrypted');
  });

  test('of an authority that Node does not know', async () => {
    const unknown =
      `${FAILED}DB_SSL=verify-full, and the server's certificate is of no authority that Node knows; ` +
      'name a file with that authority in NODE_EXTRA_CA_CERTS (RDS on Lambda: /var/runtime/ca-cert.pem)';
    expect(await connectWith({ ...verifyFull, ...trusting('other-authority') })).toBe(unknown);
    expect(await connectWith({ ...verifyFull, NODE_EXTRA_CA_CERTS: '' })).toBe(unknown);
  });

  test('that takes the user with TLS alone', async () => {
    await admit(database.sql, 'hostnossl all with_tls 127.0.0.1/32 reject');
    expect(await connectWith({ ...disable, [ENV.dbUser]: 'with_tls' })).toMatch(
      /no encryption; this server takes the user with TLS alone: set DB_SSL=verify-full$/,
    );
  });
});

test('a certificate for another host: encrypted, but not the server that was meant', async () => {
  await serveTls(database.sql, 'wrong-host');
  expect(await connectWith(require)).toBe('encrypted');
  expect(await connectWith(verifyFull)).toBe(
    `${FAILED}DB_SSL=verify-full, and the server's certificate is for another host than DB_HOST`,
  );
});
