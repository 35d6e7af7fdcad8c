// How a Kafka cluster is spoken to: by the environment alone, as arguments stand in the list of processes. Pure.
import type { Environment } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';

const PROTOCOL = 'KAFKA_SECURITY_PROTOCOL';
const MECHANISM = 'KAFKA_SASL_MECHANISM';
const USERNAME = 'KAFKA_SASL_USERNAME';
const PASSWORD = 'KAFKA_SASL_PASSWORD';
const CA_FILE = 'KAFKA_SSL_CA_FILE';

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN', 'AWS_MSK_IAM'] as const;
const IAM = 'AWS_MSK_IAM';

type Protocol = (typeof PROTOCOLS)[number];

export interface KafkaSecurity {
  readonly tls: { readonly caFile: string | undefined } | undefined;
  readonly login: KafkaLogin | undefined;
}

export type KafkaLogin = PasswordLogin | { readonly mechanism: typeof IAM };

export interface PasswordLogin {
  readonly mechanism: Exclude<(typeof MECHANISMS)[number], typeof IAM>;
  readonly username: string;
  readonly password: string;
}

/** @throws {UserError} that names the variable and what is allowed. */
export function readKafkaSecurity(env: Environment): KafkaSecurity {
  const protocol = readOneOf(env, PROTOCOL, PROTOCOLS) ?? 'PLAINTEXT';
  const isEncrypted = protocol.endsWith('SSL');
  const isSasl = protocol.startsWith('SASL_');
  if (!isEncrypted) refuseAll(env, [CA_FILE], `belongs to ${PROTOCOL}=SSL or SASL_SSL`, protocol);
  if (!isSasl) {
    const where = `belongs to ${PROTOCOL}=SASL_SSL or SASL_PLAINTEXT`;
    refuseAll(env, [MECHANISM, USERNAME, PASSWORD], where, protocol);
  }
  return {
    tls: isEncrypted ? { caFile: env[CA_FILE] || undefined } : undefined,
    login: isSasl ? readLogin(env, protocol) : undefined,
  };
}

function readLogin(env: Environment, protocol: Protocol): KafkaLogin {
  const mechanism = readOneOf(env, MECHANISM, MECHANISMS);
  if (!mechanism) {
    throw new UserError(`${PROTOCOL}=${protocol} needs ${MECHANISM}: ${listed(MECHANISMS)}.`);
  }
  if (mechanism === IAM) {
    if (protocol !== 'SASL_SSL') {
      throw new UserError(`${MECHANISM}=${IAM} needs ${PROTOCOL}=SASL_SSL, not ${protocol}.`);
    }
    const where = `belongs to ${listed(MECHANISMS.filter((one) => one !== IAM))}`;
    refuseAll(env, [USERNAME, PASSWORD], where, IAM);
    return { mechanism };
  }
  const required = (name: string) => {
    const value = env[name];
    if (!value) throw new UserError(`${MECHANISM}=${mechanism} needs ${name}.`);
    return value;
  };
  return { mechanism, username: required(USERNAME), password: required(PASSWORD) };
}

function readOneOf<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = allowed.find((one) => one === text);
  if (!value) throw new UserError(`${name} must be ${listed(allowed)}, not "${text}".`);
  return value;
}

function refuseAll(env: Environment, names: readonly string[], where: string, chosen: string) {
  const misplaced = names.find((name) => env[name]);
  if (misplaced) throw new UserError(`${misplaced} ${where}, not to ${chosen}.`);
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
