// The token of MSK's IAM login by SASL/OAUTHBEARER: the address of a signed call that nobody makes.
// https://github.com/aws/aws-msk-iam-sasl-signer-js has AWS's own words for it.
import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

const SERVICE = 'kafka-cluster';
const ACTION = 'kafka-cluster:Connect';
const VALID_S = 900;

type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];

export async function signMskToken(
  region: string,
  credentials: Credentials,
  signingDate: Date,
): Promise<string> {
  const hostname = `kafka.${region}.amazonaws.com`;
  const signer = new SignatureV4({ service: SERVICE, region, credentials, sha256: Sha256 });
  const call = {
    ...{ method: 'GET', protocol: 'https:', hostname, path: '/' },
    headers: { host: hostname },
    query: { Action: ACTION },
  };
  const { query } = await signer.presign(call, { expiresIn: VALID_S, signingDate });
  // AWS's signers tell who they are behind the signature.
  const parameters = buildQueryString({ ...query, 'User-Agent': 'analytics-service' });
  return Buffer.from(`https://${hostname}/?${parameters}`).toString('base64url');
}
