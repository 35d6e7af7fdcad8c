// The environment alone says how a Kafka cluster is spoken to, and a wrong setting is named before a broker is asked.
import { expect, test } from 'vitest';
import { UserError } from '../../local/shared/user-error.ts';
import { readKafkaSecurity } from '../../local/stream/kafka-security.ts';

const LOGIN = { KAFKA_SASL_USERNAME: 'alice', KAFKA_SASL_PASSWORD: 'hush-hush' };
const SCRAM = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', ...LOGIN };
const SASL_SSL = { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' };
const IAM = { ...SASL_SSL, KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM' };
const NO_TLS = { tls: undefined };
const NO_LOGIN = { login: undefined };

test.each([
  [{}, { ...NO_TLS, ...NO_LOGIN }],
  [
    { KAFKA_SECURITY_PROTOCOL: '', KAFKA_SASL_USERNAME: '' },
    { ...NO_TLS, ...NO_LOGIN },
  ],
  [{ KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT' }, { ...NO_TLS, ...NO_LOGIN }],
  [{ KAFKA_SECURITY_PROTOCOL: 'SSL' }, { tls: { caFile: undefined }, ...NO_LOGIN }],
  [
    { KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_CA_FILE: '/ca.pem' },
    { tls: { caFile: '/ca.pem' }, ...NO_LOGIN },
  ],
  [
    { KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...LOGIN, KAFKA_SASL_MECHANISM: 'PLAIN' },
    { ...NO_TLS, login: { mechanism: 'PLAIN', username: 'alice', password: 'hush-hush' } },
  ],
  [
    { ...SASL_SSL, ...SCRAM },
    {
      tls: { caFile: undefined },
      login: { mechanism: 'SCRAM-SHA-512', username: 'alice', password: 'hush-hush' },
    },
  ],
  [IAM, { tls: { caFile: undefined }, login: { mechanism: 'AWS_MSK_IAM' } }],
])('%o', (env, security) => {
  expect(readKafkaSecurity(env)).toEqual(security);
});

const MECHANISMS = 'SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or AWS_MSK_IAM';

test.each([
  [
    { KAFKA_SECURITY_PROTOCOL: 'TLS' },
    'KAFKA_SECURITY_PROTOCOL must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, not "TLS".',
  ],
  [
    { ...SASL_SSL, ...LOGIN },
    `KAFKA_SECURITY_PROTOCOL=SASL_SSL needs KAFKA_SASL_MECHANISM: ${MECHANISMS}.`,
  ],
  [
    { ...SASL_SSL, ...SCRAM, KAFKA_SASL_MECHANISM: 'scram-sha-512' },
    `KAFKA_SASL_MECHANISM must be ${MECHANISMS}, not "scram-sha-512".`,
  ],
  [
    { ...SASL_SSL, ...SCRAM, KAFKA_SASL_USERNAME: '' },
    'KAFKA_SASL_MECHANISM=SCRAM-SHA-512 needs KAFKA_SASL_USERNAME.',
  ],
  [
    { ...SASL_SSL, ...SCRAM, KAFKA_SASL_PASSWORD: undefined },
    'KAFKA_SASL_MECHANISM=SCRAM-SHA-512 needs KAFKA_SASL_PASSWORD.',
  ],
  [
    { KAFKA_SECURITY_PROTOCOL: 'SSL', ...SCRAM },
    'KAFKA_SASL_MECHANISM belongs to KAFKA_SECURITY_PROTOCOL=SASL_SSL or SASL_PLAINTEXT, not to SSL.',
  ],
  [
    LOGIN,
    'KAFKA_SASL_USERNAME belongs to KAFKA_SECURITY_PROTOCOL=SASL_SSL or SASL_PLAINTEXT, not to PLAINTEXT.',
  ],
  [
    { KAFKA_SASL_PASSWORD: 'hush-hush' },
    'KAFKA_SASL_PASSWORD belongs to KAFKA_SECURITY_PROTOCOL=SASL_SSL or SASL_PLAINTEXT, not to PLAINTEXT.',
  ],
  [
    { KAFKA_SSL_CA_FILE: '/ca.pem' },
    'KAFKA_SSL_CA_FILE belongs to KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL, not to PLAINTEXT.',
  ],
  [
    { KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT', ...SCRAM, KAFKA_SSL_CA_FILE: '/ca.pem' },
    'KAFKA_SSL_CA_FILE belongs to KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL, not to SASL_PLAINTEXT.',
  ],
  [
    { ...IAM, KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' },
    'KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs KAFKA_SECURITY_PROTOCOL=SASL_SSL, not SASL_PLAINTEXT.',
  ],
  [
    { ...IAM, KAFKA_SASL_PASSWORD: 'hush-hush' },
    'KAFKA_SASL_PASSWORD belongs to SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN, not to AWS_MSK_IAM.',
  ],
])('refused: %o', (env, line) => {
  expect(() => readKafkaSecurity(env)).toThrow(new UserError(line));
  expect(line).not.toContain('hush-hush');
});
