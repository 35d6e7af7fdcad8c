// API Gateway before serve-api: who may call, how often, and from which pages. Paths, parameters and
// answers are the function's: it behaves as the service that it replaces, to the error bodies.
import { Aws, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type IAuthorizer,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  ResponseTransferMode,
  RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  CfnPermission,
  type IFunction,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ApiAccount } from './api-account.ts';
import { ApiDomain } from './api-domain.ts';
import { ApiFirewall } from './api-firewall.ts';
import type { ApiSettings } from './settings/api-settings.ts';
import { SignIn } from './sign-in.ts';

/** API Gateway's own limit for a whole answer. */
const INTEGRATION_TIMEOUT = Duration.seconds(29);
export const API_STAGE = 'v1';

/** Who asked what, and how long it took; no query strings, whose values may be a person's. */
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    request_id: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    caller: AccessLogField.contextIdentityUserArn(),
    user: AccessLogField.contextAuthorizerClaims('sub'),
    address: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    bytes: AccessLogField.contextResponseLength(),
    milliseconds: AccessLogField.contextResponseLatency(),
    error: AccessLogField.contextErrorMessage(),
    integration_error: AccessLogField.contextIntegrationErrorMessage(),
  }),
);

export interface QueryApiProps {
  readonly settings: ApiSettings;
  readonly target: LambdaFunction | Alias;
  readonly logRetention: RetentionDays;
}

export class QueryApi extends Construct {
  readonly rest: RestApi;
  /** Where callers sign in with a name. */
  readonly signIn: SignIn | undefined;

  constructor(scope: Construct, id: string, { settings, target, logRetention }: QueryApiProps) {
    super(scope, id);
    this.rest = new RestApi(this, 'Api', {
      restApiName: Aws.STACK_NAME,
      description: 'Auction outcomes and order reports',
      ...deletionPolicy(settings),
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      binaryMediaTypes: [],
      deployOptions: {
        stageName: API_STAGE,
        throttlingRateLimit: settings.throttleRate,
        throttlingBurstLimit: settings.throttleBurst,
        metricsEnabled: true,
        dataTraceEnabled: false,
        ...(settings.isTraced && { tracingEnabled: true }),
        ...(settings.accountLogRole !== 'none' && this.#logs(logRetention)),
      },
    });
    if (settings.accountLogRole === 'make') new ApiAccount(this, 'Account', this.rest);
    this.signIn = settings.auth === 'cognito' ? this.#makeSignIn(settings) : undefined;
    this.#route(settings, target);
    if (settings.domain) new ApiDomain(this, 'Domain', { api: this.rest, domain: settings.domain });
    if (settings.hasFirewall) new ApiFirewall(this, 'Firewall', this.rest);
    new CfnOutput(this, 'Url', { value: this.rest.url, description: 'The API' });
  }

  /** API Gateway takes neither of them before the account has its role. */
  #logs(retention: RetentionDays): StageOptions {
    const group = new LogGroup(this, 'AccessLogs', {
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return {
      accessLogDestination: new LogGroupLogDestination(group),
      accessLogFormat: ACCESS_LOG_FORMAT,
      // Errors of the gateway itself; bodies and headers are never logged.
      loggingLevel: MethodLoggingLevel.ERROR,
    };
  }

  #route(settings: ApiSettings, target: LambdaFunction | Alias): void {
    const integration = new LambdaIntegration(target as IFunction, {
      timeout: INTEGRATION_TIMEOUT,
      // Granted for a path of the stage, it would come after the stage calls the alias.
      ...(target instanceof Alias
        ? { scopePermissionToMethod: false }
        : { allowTestInvoke: false }),
      responseTransferMode: settings.isStreamed
        ? ResponseTransferMode.STREAM
        : ResponseTransferMode.BUFFERED,
    });
    const options: MethodOptions = {
      ...this.#authorization(settings),
      requestValidator: this.rest.addRequestValidator('Validator', {
        validateRequestParameters: true,
        validateRequestBody: true,
      }),
    };
    const api = this.rest.root.addResource('api');
    // Any method: the function answers 405 as the original does.
    api.addMethod('ANY', integration, options);
    const paths = api.addResource('{proxy+}');
    paths.addMethod('ANY', integration, {
      ...options,
      requestParameters: { 'method.request.path.proxy': true },
    });
    this.#showOnceGranted();
    if (settings.corsOrigins.length === 0) return;
    for (const resource of [api, paths]) {
      resource.addCorsPreflight({
        allowOrigins: [...settings.corsOrigins],
        // POST asks too: GraphQL.
        allowMethods: ['GET', 'HEAD', 'POST', ...(settings.deletion ? ['DELETE'] : [])],
        allowHeaders: ['Authorization', 'Content-Type', 'X-Amz-Date', 'X-Amz-Security-Token'],
        maxAge: Duration.hours(1),
      });
    }
  }

  /** The stage shows a copy of the API: one that calls another alias must not come before the right to do so. */
  #showOnceGranted(): void {
    const granted = this.rest.node.children.filter((child) => child instanceof CfnPermission);
    this.rest.latestDeployment?.node.addDependency(...granted);
  }

  #makeSignIn({ signInUrls, console, deletion }: ApiSettings): SignIn {
    return new SignIn(this, 'SignIn', {
      returnUrls: signInUrls,
      hasPages: signInUrls.length > 0 || console !== undefined,
      hasDeleters: deletion !== undefined,
    });
  }

  #authorization(settings: ApiSettings): {
    authorizationType: AuthorizationType;
    authorizer?: IAuthorizer;
  } {
    if (settings.auth === 'none') return { authorizationType: AuthorizationType.NONE };
    if (settings.auth === 'iam') return { authorizationType: AuthorizationType.IAM };
    return {
      authorizationType: AuthorizationType.COGNITO,
      ...(this.signIn && { authorizer: this.signIn.authorizer }),
    };
  }
}

/** Whoever may call the API may not delete by that alone: only these roles, whatever else says otherwise. */
function deletionPolicy({ auth, deletion }: ApiSettings): { policy?: PolicyDocument } {
  if (!deletion || auth !== 'iam') return {};
  const others = new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*/DELETE/*'],
    conditions: { ArnNotEquals: { 'aws:PrincipalArn': [...deletion.roles] } },
  });
  return { policy: new PolicyDocument({ statements: [others] }) };
}
