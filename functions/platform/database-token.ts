// Tokens of RDS's IAM authentication. A token is a signed address, good for 15 minutes: signing it takes no
// call, so that each new connection gets one of its own.
import type { Signer } from '@aws-sdk/rds-signer';
import { ENV } from '../contracts.ts';

export interface TokenSubject {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region: string;
}

export function makeTokenSigner({ host, port, user, region }: TokenSubject): () => Promise<string> {
  let signer: Signer | undefined;
  return async () => {
    try {
      // Most hosts never sign one: a start does not read it.
      const { Signer } = await import('@aws-sdk/rds-signer');
      signer ??= new Signer({ hostname: host, port, username: user, region });
      return await signer.getAuthToken();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${ENV.dbIamAuth}: no token could be signed: ${reason}`, { cause: error });
    }
  };
}
