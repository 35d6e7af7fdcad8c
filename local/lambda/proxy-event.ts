// An HTTP request as the REST proxy event that API Gateway sends to a function behind `/{proxy+}`, and
// the function's answer as HTTP. Shape: API Gateway Developer Guide, "Lambda proxy integrations". Pure.
import { FunctionError } from '../shared/function-error.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly atMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const STAGE = 'local';
const RESOURCE = '/{proxy+}';

/** Served at the root, as behind a custom domain: links do not carry the stage. */
export function toProxyEvent(request: HttpRequest): object {
  const { method, url, headers, body } = request;
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const parameters = new URLSearchParams(search);
  const query = [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]);
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).filter(([, values]) => values !== undefined),
  );
  return {
    resource: RESOURCE,
    path,
    httpMethod: method,
    headers: lastOfEach(Object.entries(multiValueHeaders)),
    multiValueHeaders,
    queryStringParameters: query.length > 0 ? Object.fromEntries(parameters) : null,
    multiValueQueryStringParameters: query.length > 0 ? Object.fromEntries(query) : null,
    pathParameters: { proxy: path.replace(/^\/|\/$/g, '') },
    stageVariables: null,
    requestContext: requestContext(request, path),
    // As with the binary media type */*: whatever is in a body arrives unharmed.
    body: body.length > 0 ? body.toString('base64') : null,
    isBase64Encoded: body.length > 0,
  };
}

function requestContext({ method, headers, sourceIp, requestId, atMs }: HttpRequest, path: string) {
  return {
    resourcePath: RESOURCE,
    httpMethod: method,
    path,
    stage: STAGE,
    protocol: 'HTTP/1.1',
    accountId: '000000000000',
    apiId: STAGE,
    requestId,
    requestTimeEpoch: atMs,
    domainName: headers.host?.at(-1) ?? '',
    identity: { sourceIp, userAgent: headers['user-agent']?.at(-1) ?? null },
  };
}

function lastOfEach(lists: readonly (readonly [string, readonly string[] | undefined])[]) {
  return Object.fromEntries(lists.map(([name, values]) => [name, values?.at(-1)]));
}

/** @throws {FunctionError} on an answer for which API Gateway would say 502. */
export function readProxyAnswer(text: string): HttpAnswer {
  const answer: unknown = JSON.parse(text);
  if (!isProxyAnswer(answer)) {
    const message = `not an answer for API Gateway: ${text.slice(0, 200)}`;
    throw new FunctionError({ name: 'MalformedProxyResponse', message, stack: '' });
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = answer;
  return {
    status: statusCode,
    headers: { ...headers, ...multiValueHeaders },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, string[]>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

function isProxyAnswer(value: unknown): value is ProxyAnswer {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) return false;
  const { body } = value as Partial<Record<keyof ProxyAnswer, unknown>>;
  return Number.isInteger(value.statusCode) && typeof (body ?? '') === 'string';
}
