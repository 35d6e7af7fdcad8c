// A parameter of Parameter Store, by its own protocol: the SDK's package for it is not among the dependencies.

export async function readParameter(endpoint: string, name: string): Promise<string> {
  const scope = 'test/20250101/us-east-1/ssm/aws4_request';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.GetParameter',
    },
    body: JSON.stringify({ Name: name }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`GetParameter ${name}: ${text}`);
  return JSON.parse(text).Parameter.Value;
}
