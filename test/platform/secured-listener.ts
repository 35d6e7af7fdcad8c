// A listener of the broker as MSK has them: TLS by the tests' own authority, and a login of each kind. A token
// is taken when it is an unsigned one of Kafka's own form; nothing here knows AWS's.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TLS = join(import.meta.dirname, '..', 'fixtures', 'tls');
const SCRAM_MODULE = 'scram.ScramLoginModule';
const TOKEN_MODULE = 'oauthbearer.OAuthBearerLoginModule';

export interface SecuredListener {
  bootstrap: string;
  address: string;
  settings: Record<string, string>;
  /** As kafka-storage takes them. */
  users: string[];
}

export interface User {
  name: string;
  password: string;
}

/** One user, who may log on by each mechanism. */
export function securedListener(dir: string, port: number, user: User): SecuredListener {
  mkdirSync(dir, { recursive: true });
  const keyStore = join(dir, 'server.pem');
  const parts = ['server.key', 'server.crt'].map((name) => readFileSync(join(TLS, name), 'utf8'));
  writeFileSync(keyStore, parts.join(''));
  const { name, password } = user;
  const bootstrap = `127.0.0.1:${port}`;
  return {
    bootstrap,
    address: `SASL_SSL://${bootstrap}`,
    settings: {
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keyStore,
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN,OAUTHBEARER',
      // Each connection must log on again while it is used.
      'connections.max.reauth.ms': '4000',
      ...login('scram-sha-512', SCRAM_MODULE),
      ...login('scram-sha-256', SCRAM_MODULE),
      ...login('plain', 'plain.PlainLoginModule', `user_${name}="${password}"`),
      ...login('oauthbearer', TOKEN_MODULE, 'unsecuredLoginStringClaim_sub="broker"'),
    },
    users: ['SCRAM-SHA-512', 'SCRAM-SHA-256'].map((mechanism) => {
      return `${mechanism}=[name=${name},password=${password}]`;
    }),
  };
}

function login(mechanism: string, module: string, options = ''): Record<string, string> {
  const setting = `listener.name.sasl_ssl.${mechanism}.sasl.jaas.config`;
  return { [setting]: `org.apache.kafka.common.security.${module} required ${options};` };
}
