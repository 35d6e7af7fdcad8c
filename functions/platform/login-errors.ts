// Why a connection was refused, said in one line that names the setting to look at. The driver's error
// stays the cause; no password, token or secret is part of either.
import { ENV } from '../contracts.ts';
import { ServerError } from './database-errors.ts';

const INVALID_PASSWORD = '28P01';
const INVALID_AUTHORIZATION = '28000';

const WHO = `${ENV.dbUser} and ${ENV.dbPassword}`;
const BY_SETTING: Readonly<Record<string, string>> = {
  [ENV.dbPassword]: `see ${WHO}`,
  [ENV.dbIamAuth]:
    'the function must be allowed rds-db:connect as this user, and the user be a member of rds_iam',
};

const UNKNOWN_AUTHORITY =
  `${ENV.dbSsl}=verify-full, and the server's certificate is of no authority that Node knows; ` +
  'name a file with that authority in NODE_EXTRA_CA_CERTS (RDS on Lambda: /var/runtime/ca-cert.pem)';

/** Node's codes: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const BY_CODE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: `${ENV.dbSsl}=verify-full, and the server's certificate has expired`,
  ERR_TLS_CERT_ALTNAME_INVALID: `${ENV.dbSsl}=verify-full, and the server's certificate is for another host than ${ENV.dbHost}`,
};

/** @param setting that the credentials came from. */
export function explainRefusal(error: unknown, setting: string): unknown {
  const advice = error instanceof ServerError ? serverAdvice(error, setting) : tlsAdvice(error);
  return advice ? new Error(advice, { cause: error }) : error;
}

export function isPasswordRefusal(error: unknown): boolean {
  return error instanceof ServerError && error.code === INVALID_PASSWORD;
}

function serverAdvice({ code, message }: { code: string; message: string }, setting: string) {
  if (code !== INVALID_PASSWORD && code !== INVALID_AUTHORIZATION) return undefined;
  return `${message}; ${authorizationAdvice(message, setting)}`;
}

function authorizationAdvice(message: string, setting: string): string {
  if (/no encryption/.test(message)) {
    return `this server takes the user with TLS alone: set ${ENV.dbSsl}=verify-full`;
  }
  if (/pg_hba/.test(message)) return "the server's pg_hba.conf admits no such user from here";
  if (/^role .* (does not exist|is not permitted to log in)/.test(message)) {
    return `make the role: run migrate-database with ${ENV.dbAdminSecretArn}, or see docs/database-access.md`;
  }
  return BY_SETTING[setting] ?? `the secret in ${setting} does not hold what the server expects`;
}

function tlsAdvice(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? BY_CODE[String(error.code)] : undefined;
}
