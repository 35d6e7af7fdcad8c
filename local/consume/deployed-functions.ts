// The functions where they are deployed, in AWS or in an emulator of it: invoked by name, as Lambda's mapping
// invokes them. Endpoint, region and credentials are those of the AWS SDK's own settings.
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { FunctionName } from '../../functions/contracts.ts';
import type { Functions } from '../service/functions.ts';
import { FunctionError } from '../shared/function-error.ts';
import { UserError } from '../shared/user-error.ts';

/** Of a throttle or a lost connection; after these the batch is sent again like one that failed. */
const ATTEMPTS_MAX = 4;

/** What waiting cannot mend, and what to do about it. */
const ADVICE: Readonly<Record<string, string>> = {
  ResourceNotFoundException:
    'there is no such function in this account and region; --stack or --function-prefix names others',
  AccessDeniedException: 'allow lambda:InvokeFunction on it',
  UnrecognizedClientException: 'these AWS credentials are not known there',
  InvalidSignatureException: 'these AWS credentials are not right',
  ExpiredTokenException: 'these AWS credentials have expired',
  CredentialsProviderError: 'there are no AWS credentials',
  RequestTooLargeException: 'one record alone is larger than an event may be (6 MB)',
};

/** @param prefix what stands before `aggregate-orders` and the others: `analytics-service-`. */
export function deployedFunctions(
  prefix: string,
  { attemptsMax = ATTEMPTS_MAX }: { readonly attemptsMax?: number } = {},
): Functions {
  const client = new LambdaClient({ maxAttempts: attemptsMax });
  return {
    invoke: async (name, event) => readAnswer(await send(client, `${prefix}${name}`, event)),
    close: async () => client.destroy(),
  };
}

/** Invokes nothing: tells before the first record what is missing. @throws {UserError} */
export async function checkDeployed(prefix: string, names: readonly FunctionName[]): Promise<void> {
  const client = new LambdaClient({ maxAttempts: ATTEMPTS_MAX });
  for (const name of names) {
    await send(client, `${prefix}${name}`, '{}', 'DryRun').catch((error: unknown) => {
      if (!(error instanceof FunctionError)) throw error;
      throw new UserError(`Lambda does not answer: ${error.name}: ${error.message}`);
    });
  }
  client.destroy();
}

async function send(
  client: LambdaClient,
  FunctionName: string,
  Payload: string,
  InvocationType: 'RequestResponse' | 'DryRun' = 'RequestResponse',
): Promise<InvokeCommandOutput> {
  try {
    return await client.send(new InvokeCommand({ FunctionName, Payload, InvocationType }));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const advice = ADVICE[error.name];
    if (advice) throw new UserError(`${FunctionName} cannot be invoked: ${advice}.`);
    // Throttled, or nobody answers: the batch waits, as it does when the function fails.
    throw new FunctionError({ name: error.name, message: error.message, stack: error.stack ?? '' });
  }
}

function readAnswer({ FunctionError: kind, Payload }: InvokeCommandOutput): string {
  const text = Payload ? Buffer.from(Payload).toString('utf8') : '';
  if (kind === undefined) return text;
  throw new FunctionError(readError(text, kind));
}

/** As Lambda's runtime words it; what is none of that is shown as it came. */
function readError(text: string, kind: string) {
  try {
    const { errorType, errorMessage, stackTrace } = JSON.parse(text) ?? {};
    if (typeof errorMessage === 'string') {
      const stack = Array.isArray(stackTrace) ? stackTrace.join('\n') : '';
      return { name: String(errorType ?? kind), message: errorMessage, stack };
    }
  } catch {
    // Not JSON.
  }
  return { name: kind, message: text.slice(0, 200), stack: '' };
}
