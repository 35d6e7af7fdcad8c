// Who may call the API, from where and how often.
import type { ContextValues } from './context-keys.ts';

export interface DomainSettings {
  readonly name: string;
  readonly certificateArn: string;
  /** Undefined: the alias is made elsewhere. */
  readonly hostedZoneId: string | undefined;
}

export interface DeletionSettings {
  /** With `auth: iam`, the only ones that may. */
  readonly roles: readonly string[];
}

/** The page for people. */
export interface ConsoleSettings {
  /** Undefined: CloudFront's own name. */
  readonly domain: { readonly name: string; readonly certificateArn: string } | undefined;
}

export interface ApiSettings {
  readonly auth: ContextValues['apiAuth'];
  readonly signInUrls: readonly string[];
  /** Undefined: there is no console. */
  readonly console: ConsoleSettings | undefined;
  readonly corsOrigins: readonly string[];
  /** Undefined: nothing can be deleted over the API. */
  readonly deletion: DeletionSettings | undefined;
  readonly throttleRate: number;
  readonly throttleBurst: number;
  readonly isStreamed: boolean;
  readonly isIntrospectable: boolean;
  readonly domain: DomainSettings | undefined;
  readonly hasFirewall: boolean;
  readonly isTraced: boolean;
  /** API Gateway writes logs with a role that belongs to the account and region, not to an API. */
  readonly accountLogRole: ContextValues['accountLogRole'];
}

export function readApi(values: ContextValues): ApiSettings {
  const { domainName, certificateArn, hostedZoneId } = values;
  return {
    auth: values.apiAuth,
    signInUrls: values.signInUrls ?? [],
    console: readConsole(values),
    corsOrigins: values.corsOrigins,
    deletion: values.allowDelete ? { roles: values.deleteRoles } : undefined,
    throttleRate: values.throttleRate,
    throttleBurst: values.throttleBurst,
    isStreamed: values.responseTransfer === 'stream',
    isIntrospectable: values.graphqlIntrospection,
    domain:
      domainName && certificateArn ? { name: domainName, certificateArn, hostedZoneId } : undefined,
    hasFirewall: values.waf,
    isTraced: values.tracing,
    accountLogRole: values.accountLogRole,
  };
}

function readConsole(values: ContextValues): ConsoleSettings | undefined {
  const { consoleDomainName: name, consoleCertificateArn: certificateArn } = values;
  if (!values.console) return undefined;
  return { domain: name && certificateArn ? { name, certificateArn } : undefined };
}
