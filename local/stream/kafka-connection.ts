// The options that every Kafka client takes: where the brokers are and how they are spoken to.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { ConnectionOptions, SASLOptions } from '@platformatic/kafka';
import { errorCode, UserError } from '../shared/user-error.ts';
import type { KafkaLogin, KafkaSecurity } from './kafka-security.ts';
import { openMskLogin } from './msk-login.ts';

export interface KafkaConnection extends Pick<ConnectionOptions, 'tls' | 'tlsServerName' | 'sasl'> {
  readonly bootstrapBrokers: string[];
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @throws {UserError} before any broker is asked. */
export async function connectionTo(
  brokers: readonly string[],
  { tls, login }: KafkaSecurity,
): Promise<KafkaConnection> {
  return {
    bootstrapBrokers: [...brokers],
    ...(tls && {
      // Said here, so that no variable of Node's can turn it off.
      tls: {
        rejectUnauthorized: true,
        ...(tls.caFile && { ca: await readAuthorities(tls.caFile) }),
      },
      // Names the broker to whatever stands before it; an address cannot be named.
      tlsServerName: !brokers.some((broker) => isIP(broker.replace(/:\d+$/, ''))),
    }),
    ...(login && { sasl: await saslOf(login) }),
  };
}

/** The file's authorities besides those that Node knows. */
async function readAuthorities(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(`KAFKA_SSL_CA_FILE: ${path} cannot be read (${errorCode(error)}).`);
  });
  const certificates = text.match(PEM) ?? [];
  if (certificates.length === 0 || !certificates.every(isCertificate)) {
    throw new UserError(`KAFKA_SSL_CA_FILE: ${path} must hold certificates in PEM form.`);
  }
  return [...getCACertificates('default'), ...certificates];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

async function saslOf(login: KafkaLogin): Promise<SASLOptions> {
  return login.mechanism === 'AWS_MSK_IAM' ? openMskLogin() : { ...login };
}
