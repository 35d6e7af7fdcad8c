// People who sign in with a name and a password: a user pool into which only an administrator lets
// anyone, and the client with which a page or a command gets its token.
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CognitoUserPoolsAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StandardThreatProtectionMode,
  UserPool,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';

const PASSWORD_LENGTH_MIN = 12;
const TOKEN_VALIDITY = Duration.hours(1);
const SIGNED_IN_VALIDITY = Duration.days(1);

/** Who may delete outcomes, where that is allowed. */
export const DELETE_GROUP = 'deleters';

export interface SignInProps {
  /** To which Cognito's page returns. */
  readonly returnUrls: readonly string[];
  readonly hasDeleters: boolean;
}

export class SignIn extends Construct {
  readonly authorizer: CognitoUserPoolsAuthorizer;

  constructor(scope: Construct, id: string, { returnUrls, hasDeleters }: SignInProps) {
    super(scope, id);
    const pool = this.#makePool();
    const client = pool.addClient('Client', {
      generateSecret: false,
      authFlows: { userSrp: true },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      idTokenValidity: TOKEN_VALIDITY,
      accessTokenValidity: TOKEN_VALIDITY,
      refreshTokenValidity: SIGNED_IN_VALIDITY,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [...returnUrls],
        logoutUrls: [...returnUrls],
      },
    });
    if (hasDeleters) pool.addGroup('Deleters', { groupName: DELETE_GROUP });
    this.#makeSignInPage(pool);
    this.authorizer = new CognitoUserPoolsAuthorizer(this, 'Authorizer', {
      cognitoUserPools: [pool],
      resultsCacheTtl: Duration.minutes(5),
    });
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId });
  }

  #makePool(): UserPool {
    return new UserPool(this, 'Users', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: PASSWORD_LENGTH_MIN,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Cognito's own page; its name must be one that nobody else has taken. */
  #makeSignInPage(pool: UserPool): void {
    const { stackName, account } = Stack.of(this);
    const domain = pool.addDomain('Page', {
      cognitoDomain: { domainPrefix: `${stackName}-${account}` },
    });
    new CfnOutput(this, 'SignInPage', { value: domain.baseUrl() });
  }
}
