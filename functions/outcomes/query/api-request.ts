// API Gateway's REST proxy event → the request that the API answers. Behind a stage or behind the base
// path of a custom domain, the path that the client used is longer than the route. Pure.
import { joinedOrdering } from './ordering.ts';

/** What of the event is read. A host that sends only the single-value forms is understood as well. */
export interface ProxyEvent {
  readonly httpMethod: string;
  readonly resource: string;
  readonly path: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<
    Record<string, readonly string[] | undefined>
  > | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly path?: string;
    readonly domainName?: string;
    readonly authorizer?: { readonly claims?: Readonly<Record<string, unknown>> } | null;
  };
}

export interface ApiRequest {
  readonly method: string;
  /** The route's path, `/api/outcomes/`, as it stands in the URL. */
  readonly path: string;
  /** What the client's path has before it: empty, `/prod`. */
  readonly basePath: string;
  /** `https://api.example.com` */
  readonly origin: string;
  readonly query: Query;
  /** By lower-case name; of a repeated header the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** Empty when there is none. */
  readonly body: string;
  /** Of Cognito, those that the caller is of. */
  readonly groups: readonly string[];
}

export type Query = ReadonlyMap<string, readonly string[]>;

/** Of what passes, a port beyond 65535 and an address like 1.2.3.999 are still no host. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** @returns `undefined` when the Host header is not one. */
export function readRequest(event: ProxyEvent): ApiRequest | undefined {
  const headers = new Map(
    [...entriesOf(event.headers, event.multiValueHeaders)].flatMap(([name, values]) =>
      values.slice(-1).map((value) => [name.toLowerCase(), value] as const),
    ),
  );
  const host = headers.get('host') ?? event.requestContext.domainName ?? '';
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  const isSecure = headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https';
  return {
    method: event.httpMethod,
    ...splitPath(event),
    origin: `${isSecure ? 'https' : 'http'}://${host}`,
    query: entriesOf(event.queryStringParameters, event.multiValueQueryStringParameters),
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString(),
    groups: groupsOf(event),
  };
}

/** API Gateway writes the list of the claim as one text. */
function groupsOf({ requestContext }: ProxyEvent): string[] {
  const groups = requestContext.authorizer?.claims?.['cognito:groups'] ?? '';
  return String(groups)
    .split(/[\s,[\]]+/)
    .filter((name) => name !== '');
}

/** Of a repeated parameter the last counts, but of `ordering`, which is a list, all. */
export function valuesOf(query: Query): Record<string, string> {
  const pairs = [...query].flatMap(([name, values]) => {
    const counted = name === 'ordering' ? [joinedOrdering(values)] : values.slice(-1);
    return counted.map((value) => [name, value]);
  });
  return Object.fromEntries(pairs);
}

function entriesOf(
  single: ProxyEvent['headers'],
  multiple: ProxyEvent['multiValueHeaders'],
): Map<string, readonly string[]> {
  const pairs = multiple
    ? Object.entries(multiple)
    : Object.entries(single ?? {}).map(([name, value]) => [name, [value ?? '']] as const);
  return new Map(pairs.map(([name, values]) => [name, values ?? []]));
}

/**
 * `requestContext.path` is the client's path, with the stage or the custom domain's base path; `path`
 * lacks the first and has the second. The resource says how many segments are the route's own.
 */
function splitPath({ resource, path, pathParameters, requestContext }: ProxyEvent) {
  const clientPath = requestContext.path ?? path;
  const own = segmentsOf(resource).flatMap((segment) => {
    const [, name] = /^\{(\w+)\+?\}$/.exec(segment) ?? [];
    return name === undefined ? [segment] : segmentsOf(pathParameters?.[name] ?? '');
  });
  const all = segmentsOf(clientPath);
  const basePath = all
    .slice(0, Math.max(all.length - own.length, 0))
    .map((segment) => `/${segment}`)
    .join('');
  return { basePath, path: clientPath.slice(basePath.length) };
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
