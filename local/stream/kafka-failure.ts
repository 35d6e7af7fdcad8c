// What a Kafka client's failure means, in one line that names the setting to look at. Pure. Neither the
// client nor a broker puts a password or a token into its message.
import { UserError } from '../shared/user-error.ts';
import type { KafkaConnection } from './kafka-connection.ts';

/** Node's codes: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNVERIFIED =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(?:CA|PURPOSE)$|ERR_TLS_CERT_)/;
const OF_CLIENT = /@platformatic[\\/]kafka/;
const UNKNOWN_AUTHORITY = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** To try again does not help: the login or the certificate is wrong. */
export function isRefusal(error: unknown): boolean {
  return causesOf(error).some((cause) => isLoginRefusal(cause) || isUnverified(cause));
}

export function explainFailure(error: unknown, connection: KafkaConnection): UserError {
  const causes = causesOf(error);
  const explained = causes.find((cause) => cause instanceof UserError);
  if (explained) return explained;
  const place = connection.bootstrapBrokers.join(', ');
  const unverified = causes.find(isUnverified);
  if (unverified) {
    const reason = `The certificate of Kafka at ${place} cannot be verified: ${reasonOf(unverified)}`;
    return new UserError(`${reason}. ${certificateAdvice(codeOf(unverified))}`);
  }
  const login = causes.find(isLoginRefusal);
  if (login) {
    const reason = `Kafka at ${place} refused the login: ${reasonOf(login)}`;
    return new UserError(`${reason}. ${loginAdvice(connection)}`);
  }
  const how = `with KAFKA_SECURITY_PROTOCOL=${protocolOf(connection)}`;
  const answer = causes.findLast((cause) => codeOf(cause) === 'PLT_KFK_PROTOCOL');
  return causes.some(isNetwork) && !answer
    ? new UserError(`No Kafka broker answers at ${place} ${how}: ${reasonOf(error)}.`)
    : new UserError(`Kafka at ${place} failed ${how}: ${reasonOf(answer ?? error)}.`);
}

/** The client throws some of its own faults in callbacks, where nobody can catch them; `undefined` is none of them. */
export function explainUncaught(error: unknown): UserError | undefined {
  const isOfClient = error instanceof Error && OF_CLIENT.test(error.stack ?? '');
  if (!isOfClient) return undefined;
  return new UserError(
    `The Kafka client failed by itself: ${error.message}. ` +
      'Start again: what was not committed comes once more, and counts once.',
  );
}

function isLoginRefusal(cause: unknown): boolean {
  return codeOf(cause) === 'PLT_KFK_AUTHENTICATION';
}

function isNetwork(cause: unknown): boolean {
  return codeOf(cause) === 'PLT_KFK_NETWORK';
}

function isUnverified(cause: unknown): boolean {
  return UNVERIFIED.test(codeOf(cause));
}

/** The error and all that it came from, the deepest last. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error, ...causesOf(error.cause), ...inner.flatMap(causesOf)];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What the broker said, else the deepest message; Node's advice after it is not for us. */
function reasonOf(error: unknown): string {
  const said = causesOf(error).map((cause) => {
    const byServer = 'serverErrorMessage' in cause ? cause.serverErrorMessage : undefined;
    return String(byServer ?? cause.message);
  });
  const deepest = said.findLast((message) => message !== '') ?? String(error);
  const [reason = ''] = deepest.replaceAll(/\s+/g, ' ').split('; if the root CA');
  return reason.trim().replace(/\.$/, '');
}

function certificateAdvice(code: string): string {
  return UNKNOWN_AUTHORITY.test(code)
    ? 'KAFKA_SSL_CA_FILE names a file with its authority.'
    : 'Certificates and host names are always verified.';
}

function loginAdvice({ sasl }: KafkaConnection): string {
  return sasl?.mechanism === 'OAUTHBEARER'
    ? "AWS's credentials must be allowed kafka-cluster:Connect, and AWS_REGION be the cluster's."
    : 'See KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.';
}

function protocolOf({ sasl, tls }: KafkaConnection): string {
  return `${sasl ? 'SASL_' : ''}${tls ? 'SSL' : 'PLAINTEXT'}`;
}
