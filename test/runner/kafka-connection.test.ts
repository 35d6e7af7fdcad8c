// Whom a Kafka client trusts, and how soon it says so: against servers that speak TLS and nothing else.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, getCACertificates } from 'node:tls';
import { Connection } from '@platformatic/kafka';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { connectionTo } from '../../local/stream/kafka-connection.ts';
import { KafkaSource, listTopics } from '../../local/stream/kafka-source.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls');
const NO_LOGIN = { login: undefined };
const authority = join(TLS, 'authority.crt');
const trusting = (caFile: string | undefined) => ({ tls: { caFile }, ...NO_LOGIN });

afterEach(() => vi.unstubAllEnvs());

/** Keeps the names that it was called by, and counts who came. */
async function tlsServer(name: 'server' | 'wrong-host') {
  const names: (string | false | null)[] = [];
  let calls = 0;
  const server = createTlsServer({
    key: readFileSync(join(TLS, `${name}.key`)),
    cert: readFileSync(join(TLS, `${name}.crt`)),
  });
  server.on('connection', () => {
    calls += 1;
  });
  server.on('secureConnection', (socket) => {
    names.push(socket.servername);
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, names, calls: () => calls };
}

test.each([
  ['server', 'other-authority.crt', /cannot be verified: .*KAFKA_SSL_CA_FILE names a file/],
  ['server', undefined, /cannot be verified: .*KAFKA_SSL_CA_FILE names a file/],
  ['wrong-host', 'authority.crt', /cannot be verified: Hostname\/IP does not match/],
] as const)('%s is refused at once by who trusts %s', async (name, file, reason) => {
  // It warns, and changes nothing here.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const { port, calls } = await tlsServer(name);
  const connection = await connectionTo([`127.0.0.1:${port}`], trusting(file && join(TLS, file)));
  await expect(listTopics(connection)).rejects.toThrow(reason);
  expect(calls()).toBe(1);
  const member = { connection, groupId: 'g', topic: 't', sessionTimeoutMs: 6_000 };
  await expect(KafkaSource.join(member)).rejects.toThrow(reason);
  expect(calls()).toBe(2);
});

test.each([
  ['localhost', 'localhost'],
  ['127.0.0.1', false],
])('%s is trusted by its authority, and told the name %s', async (host, name) => {
  const { port, names } = await tlsServer('server');
  const options = await connectionTo([`${host}:${port}`], trusting(authority));
  const connection = new Connection('test', options);
  await connection.connect(host, port);
  await connection.close();
  await expect.poll(() => names).toEqual([name]);
});

test("the file's authorities are further ones", async () => {
  const { tls } = await connectionTo(['x:1'], trusting(authority));
  expect(tls?.ca).toHaveLength(getCACertificates('default').length + 1);
  expect((await connectionTo(['x:1'], trusting(undefined))).tls).not.toHaveProperty('ca');
});

test.each([
  ['missing', undefined, 'cannot be read (ENOENT).'],
  ['a key', readFileSync(join(TLS, 'server.key'), 'utf8'), 'must hold certificates in PEM form.'],
  [
    'damaged',
    `${readFileSync(authority, 'utf8')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    'must hold certificates in PEM form.',
  ],
])('a file of authorities that is %s', async (_what, content, reason) => {
  const path = join(temporaryDirectory(), 'ca.pem');
  if (content !== undefined) writeFileSync(path, content);
  const connection = connectionTo(['x:1'], trusting(path));
  await expect(connection).rejects.toThrow(`KAFKA_SSL_CA_FILE: ${path} ${reason}`);
});
