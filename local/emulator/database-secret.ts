// The secret from which the deployed functions take the database's user and password.
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { REGION } from './cdk-cli.ts';

const NAME = 'analytics-service/database';

export interface DatabaseUser {
  readonly username: string;
  readonly password: string;
}

/** @returns the secret's ARN, as the setting databaseSecretArn takes it. */
export async function storeDatabaseSecret(endpoint: string, user: DatabaseUser): Promise<string> {
  const client = new SecretsManagerClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const SecretString = JSON.stringify(user);
  const { ARN } = await client
    .send(new CreateSecretCommand({ Name: NAME, SecretString }))
    .catch((error: unknown) => {
      if (!(error instanceof ResourceExistsException)) throw error;
      return client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString }));
    });
  if (!ARN) throw new TypeError(`The secret ${NAME} has no ARN.`);
  return ARN;
}
