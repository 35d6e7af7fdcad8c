// A user and its password from Secrets Manager, in the form that RDS writes. Kept for a few minutes, since
// each reading is a call and costs money; read anew when the server refused what was kept: secrets rotate.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const KEEP_MS = 5 * 60_000;
const ATTEMPTS_MAX = 3;
/** All attempts together end before the connection's own time is up, so that the error names the secret. */
const ANSWER_TIMEOUT_MS = 2_500;
const CLIENT_OPTIONS = {
  maxAttempts: ATTEMPTS_MAX,
  requestHandler: {
    connectionTimeout: ANSWER_TIMEOUT_MS,
    requestTimeout: ANSWER_TIMEOUT_MS,
    throwOnRequestTimeout: true,
  },
};

export interface SecretUser {
  readonly username: string;
  readonly password: string;
}

export interface SecretReader {
  kept(): Promise<SecretUser>;
  fresh(): Promise<SecretUser>;
}

/** What to do about the errors of Secrets Manager; the others speak for themselves. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessDeniedException: 'allow secretsmanager:GetSecretValue on it (and kms:Decrypt on its key)',
  ResourceNotFoundException: 'there is no such secret in this account and region',
  DecryptionFailure: 'allow kms:Decrypt on its key',
  CredentialsProviderError: 'there are no AWS credentials',
  TimeoutError: 'no answer; in a VPC a function needs the interface endpoint of secretsmanager',
};

/** @param setting the variable that names the secret, for errors. */
export function makeSecretReader(id: string, setting: string): SecretReader {
  let client: SecretsManagerClient | undefined;
  let last: { readonly user: Promise<SecretUser>; readonly until: number } | undefined;

  async function read(): Promise<SecretUser> {
    // Most hosts never read one: a start does not read the client.
    const { GetSecretValueCommand, SecretsManagerClient } = await import(
      '@aws-sdk/client-secrets-manager'
    );
    client ??= new SecretsManagerClient(CLIENT_OPTIONS);
    const { SecretString } = await client
      .send(new GetSecretValueCommand({ SecretId: id }))
      .catch((error: unknown) => {
        throw new Error(`${setting}: the secret ${id} cannot be read: ${reasonOf(error)}`, {
          cause: error,
        });
      });
    return parseSecret(SecretString, `${setting}: the secret ${id}`);
  }

  function fresh(): Promise<SecretUser> {
    const user = read();
    last = { user, until: Date.now() + KEEP_MS };
    user.catch(() => {
      if (last?.user === user) last = undefined;
    });
    return user;
  }

  return { fresh, kept: () => (last && Date.now() < last.until ? last.user : fresh()) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const advice = ADVICE[error.name];
  return advice ? `${error.name}: ${advice}` : `${error.name}: ${error.message}`;
}

/** Its errors never quote the text: it is secret, and so is what may stand in its place by mistake. */
export function parseSecret(text: string | undefined, name: string): SecretUser {
  if (text === undefined) throw new Error(`${name} is binary: it must be JSON text.`);
  const { username, password } = parseObject(text, name);
  if (typeof username !== 'string' || username === '') {
    throw new Error(`${name} has no "username".`);
  }
  if (typeof password !== 'string' || password === '') {
    throw new Error(`${name} has no "password".`);
  }
  return { username, password };
}

function parseObject(text: string, name: string): Record<string, unknown> {
  const wrong = new Error(`${name} is not a JSON object with "username" and "password".`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // JSON.parse quotes what it could not read.
  }
  throw wrong;
}
