// The policy of a deployed function's role: taken away, and given back. IAM's own protocol, for want of its
// client: the SDK's package for IAM is not among the dependencies.
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** @returns what gives it back. */
export async function takePolicyAway(
  endpoint: string,
  functionName: string,
): Promise<() => Promise<void>> {
  const query = new GetFunctionConfigurationCommand({ FunctionName: functionName });
  const { Role = '' } = await new LambdaClient().send(query);
  const RoleName = Role.split('/').at(-1) ?? '';
  const ask = (Action: string, more: Record<string, string> = {}) =>
    askIam(endpoint, { Action, Version: '2010-05-08', RoleName, ...more });
  const PolicyName = textOf(await ask('ListRolePolicies'), 'member');
  const document = textOf(await ask('GetRolePolicy', { PolicyName }), 'PolicyDocument');
  const PolicyDocument = decodeURIComponent(document);
  await ask('DeleteRolePolicy', { PolicyName });
  return async () => {
    await ask('PutRolePolicy', { PolicyName, PolicyDocument });
  };
}

async function askIam(endpoint: string, parameters: Record<string, string>): Promise<string> {
  const scope = 'test/20250101/us-east-1/iam/aws4_request';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: new URLSearchParams(parameters),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`IAM ${parameters.Action}: ${text}`);
  return text;
}

function textOf(xml: string, element: string): string {
  const [, value] = new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml) ?? [];
  if (!value) throw new Error(`There is no ${element} in ${xml}`);
  return value;
}
