// Who may call, as the deployment is set: API Gateway checks it, and the document says it. Pure.
import type { ApiAuthorization } from '../../contracts.ts';

interface Security {
  readonly requirement: readonly Readonly<Record<string, readonly string[]>>[];
  readonly schemes?: Readonly<Record<string, object>>;
}

export const SECURITY: Readonly<Record<ApiAuthorization, Security>> = {
  none: { requirement: [] },
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
  },
};
