// Tokens of RDS's IAM authentication. A token is a signed address, good for 15 minutes: signing it takes no
// call, so that each new connection gets one of its own.
import { Signer } from '@aws-sdk/rds-signer';
import { ENV } from '../contracts.ts';

export interface TokenSubject {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region: string;
}

export function makeTokenSigner({ host, port, user, region }: TokenSubject): () => Promise<string> {
  const signer = new Signer({ hostname: host, port, username: user, region });
  return async () => {
    try {
      return await signer.getAuthToken();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${ENV.dbIamAuth}: no token could be signed: ${reason}`, { cause: error });
    }
  };
}
