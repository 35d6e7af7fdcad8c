// The login of MSK's IAM: by the credentials and the region that the AWS SDK finds.
import { S3Client } from '@aws-sdk/client-s3';
import type { SASLOptions } from '@platformatic/kafka';
import { UserError } from '../shared/user-error.ts';
import { signMskToken } from './msk-token.ts';

const ANSWER_MAX = 200;

/** @throws {UserError} when there are none. */
export async function openMskLogin(): Promise<SASLOptions> {
  const token = openMskTokens('KAFKA_SASL_MECHANISM=AWS_MSK_IAM');
  await token();
  return {
    mechanism: 'OAUTHBEARER',
    // For each connection, and each time that the broker asks again.
    token,
    // A broker that takes the token says nothing.
    authBytesValidator: (answer, callback) => {
      const text = answer?.toString().slice(0, ANSWER_MAX);
      if (text) callback(new Error(text));
      else callback(null, answer);
    },
  };
}

/** @param who needs them: for the error. */
export function openMskTokens(who: string): () => Promise<string> {
  // Any client of the SDK finds both; this one makes no call.
  const { region, credentials } = new S3Client().config;
  return async () => {
    try {
      return await signMskToken(await region(), credentials, new Date());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${who} takes the AWS SDK's credentials and AWS_REGION: ${reason}`);
    }
  };
}
