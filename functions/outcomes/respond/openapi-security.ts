// Who may call, as the deployment is set: API Gateway checks it, and the document says it. Pure.
import type { ApiAuthorization } from '../../contracts.ts';

interface Security {
  readonly requirement: readonly Readonly<Record<string, readonly string[]>>[];
  readonly schemes?: Readonly<Record<string, object>>;
  /** What API Gateway answers in the function's place, by status. */
  readonly refusals: Readonly<Record<number, string>>;
}

const THROTTLED = 'More requests than the stage lets through: try again a little later.';

export const SECURITY: Readonly<Record<ApiAuthorization, Security>> = {
  none: { requirement: [], refusals: {} },
  iam: {
    requirement: [{ awsSignature: [] }],
    schemes: {
      awsSignature: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: 'AWS Signature Version 4, for the service `execute-api`.',
        'x-amazon-apigateway-authtype': 'awsSigv4',
      },
    },
    refusals: {
      403: 'No signature, one that is wrong or too old, or a signer who may not call this.',
      429: THROTTLED,
    },
  },
  cognito: {
    requirement: [{ signIn: [] }],
    schemes: {
      signIn: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The id token of a user who signed in.',
      },
    },
    refusals: {
      401: 'No id token, or one that is wrong or has expired.',
      403: 'The firewall refuses, or the token is none for this API.',
      429: THROTTLED,
    },
  },
};
