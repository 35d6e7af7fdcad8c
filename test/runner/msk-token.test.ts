// The token of MSK's IAM login against a fixed clock and credentials that are nobody's: its form, and its signature
// as computed here by the rules of Signature Version 4 alone.
import { createHash, createHmac } from 'node:crypto';
import { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { openMskLogin } from '../../local/stream/msk-login.ts';
import { signMskToken } from '../../local/stream/msk-token.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalr/secret+key' };
const SESSION = { ...CREDENTIALS, sessionToken: 'session+token/=' };
const NOW = new Date('2026-01-31T12:34:56.789Z');
const HOST = 'kafka.eu-central-1.amazonaws.com';
const SCOPE = '20260131/eu-central-1/kafka-cluster/aws4_request';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const decode = (token: string) => new URL(Buffer.from(token, 'base64url').toString());

test('the address of a signed call of 15 minutes, in base64url', async () => {
  const token = await signMskToken('eu-central-1', SESSION, NOW);
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  const url = decode(token);
  expect(`${url.origin}${url.pathname}`).toBe(`https://${HOST}/`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: 'kafka-cluster:Connect',
    'User-Agent': 'analytics-service',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `AKIDEXAMPLE/${SCOPE}`,
    'X-Amz-Date': '20260131T123456Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'session+token/=',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(token + url).not.toContain(CREDENTIALS.secretAccessKey);
});

test.each([
  ['of a user', CREDENTIALS],
  ['of a role', SESSION],
])('the signature %s covers all but itself and who sent it', async (_whose, credentials) => {
  const { searchParams } = decode(await signMskToken('eu-central-1', credentials, NOW));
  const given = searchParams.get('X-Amz-Signature');
  for (const name of ['X-Amz-Signature', 'User-Agent']) searchParams.delete(name);
  expect(given).toBe(signatureOf([...searchParams], credentials.secretAccessKey));
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(parameters: [string, string][], secret: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const query = parameters
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
  const request = ['GET', '/', query, `host:${HOST}`, '', 'host', sha256('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', '20260131T123456Z', SCOPE, sha256(request)].join('\n');
  const key = SCOPE.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}

test('each connection signs a token of its own, and no call is made', async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const called = vi.spyOn(Socket.prototype, 'connect');
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  const { mechanism, token } = await openMskLogin();
  expect(mechanism).toBe('OAUTHBEARER');
  const makeToken = token as () => Promise<string>;
  const first = decode(await makeToken());
  vi.setSystemTime(NOW.getTime() + 60_000);
  const second = decode(await makeToken());
  vi.useRealTimers();
  expect(first.searchParams.get('X-Amz-Date')).toBe('20260131T123456Z');
  expect(second.searchParams.get('X-Amz-Date')).toBe('20260131T123556Z');
  expect(called).not.toHaveBeenCalled();
});

test.each([
  ['no region', { AWS_REGION: '', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }],
  ['no credentials', { AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true' }],
])('%s is said in a line before a broker is asked', async (_what, env) => {
  const none = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_DEFAULT_REGION'];
  for (const name of none) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', '/no/such/file');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/no/such/file');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  await expect(openMskLogin()).rejects.toThrow(
    /^KAFKA_SASL_MECHANISM=AWS_MSK_IAM takes the AWS SDK's credentials and AWS_REGION: .+$/,
  );
});
