// People who sign in with a name and a password: a user pool into which only an administrator lets
// anyone, and the client with which a page or a command gets its token.
import { CfnOutput, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CognitoUserPoolsAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StandardThreatProtectionMode,
  UserPool,
  type UserPoolClient,
  type UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { SettingsError } from './settings/settings.ts';

const PASSWORD_LENGTH_MIN = 12;
const TOKEN_VALIDITY = Duration.hours(1);
const SIGNED_IN_VALIDITY = Duration.days(1);

/** Who may delete outcomes, where that is allowed. */
export const DELETE_GROUP = 'deleters';

export interface SignInProps {
  /** Of pages other than the console. */
  readonly returnUrls: readonly string[];
  /** Whether pages let people sign in; else only commands do. */
  readonly hasPages: boolean;
  readonly hasDeleters: boolean;
}

export class SignIn extends Construct {
  readonly authorizer: CognitoUserPoolsAuthorizer;
  /** Cognito's own page, where pages let people sign in. */
  readonly page: UserPoolDomain | undefined;
  readonly #pool: UserPool;
  readonly #client: UserPoolClient;
  readonly #returnUrls: string[];

  constructor(scope: Construct, id: string, { returnUrls, hasPages, hasDeleters }: SignInProps) {
    super(scope, id);
    this.#returnUrls = [...returnUrls];
    // The console's address is known only when its distribution is there.
    const urls = Lazy.list({ produce: () => this.#returnUrls });
    const pool = this.#makePool();
    const client = pool.addClient('Client', {
      generateSecret: false,
      authFlows: { userSrp: true },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      idTokenValidity: TOKEN_VALIDITY,
      accessTokenValidity: TOKEN_VALIDITY,
      refreshTokenValidity: SIGNED_IN_VALIDITY,
      ...(!hasPages
        ? { disableOAuth: true }
        : {
            oAuth: {
              flows: { authorizationCodeGrant: true },
              scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
              callbackUrls: urls,
              logoutUrls: urls,
            },
          }),
    });
    if (hasDeleters) pool.addGroup('Deleters', { groupName: DELETE_GROUP });
    this.page = hasPages ? this.#makeSignInPage(pool) : undefined;
    this.#pool = pool;
    this.#client = client;
    this.authorizer = new CognitoUserPoolsAuthorizer(this, 'Authorizer', {
      cognitoUserPools: [pool],
      resultsCacheTtl: Duration.minutes(5),
    });
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId });
  }

  addReturnUrl(url: string): void {
    this.#returnUrls.push(url);
  }

  /** What the console needs to know; nothing of it is a secret. */
  forPages(): object | undefined {
    if (!this.page) return undefined;
    const base = this.page.baseUrl();
    return {
      issuer: this.#pool.userPoolProviderUrl,
      clientId: this.#client.userPoolClientId,
      authorizeUrl: `${base}/oauth2/authorize`,
      tokenUrl: `${base}/oauth2/token`,
      logoutUrl: `${base}/logout`,
    };
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
  #makeSignInPage(pool: UserPool): UserPoolDomain {
    const { stackName, account } = Stack.of(this);
    if (/aws|amazon|cognito/.test(stackName)) {
      throw new SettingsError(
        `The stack's name is "${stackName}": with apiAuth=cognito it must not contain aws, amazon or cognito, as it is in the address of the page.`,
      );
    }
    const domain = pool.addDomain('Page', {
      cognitoDomain: { domainPrefix: `${stackName}-${account}` },
    });
    new CfnOutput(this, 'SignInPage', { value: domain.baseUrl() });
    return domain;
  }
}
