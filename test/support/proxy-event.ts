// A URL → API Gateway's event, as API Gateway would make it.
import type { ProxyEvent } from '../../functions/outcomes/query/api-request.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `prod` puts `/prod` before the path, as the default domain of an API does. */
  readonly stage?: string;
  /** The base path of a custom domain, `/shop/v1`. */
  readonly basePath?: string;
  readonly body?: string;
  /** Of Cognito, as API Gateway hands them on. */
  readonly groups?: string;
}

/** The event of a `{proxy+}` resource. */
export function proxyEvent(url: string, asked: Asked = {}): ProxyEvent & Record<string, unknown> {
  const { method = 'GET', headers = {}, stage, basePath = '', body, groups } = asked;
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const parameters = new URLSearchParams(search);
  const names = [...new Set(parameters.keys())];
  const sent = { host: 'localhost:8000', accept: '*/*', ...headers };
  return {
    httpMethod: method,
    resource: '/{proxy+}',
    path: `${basePath}${path}`,
    pathParameters: { proxy: path.replace(/^\/|\/$/g, '') },
    headers: sent,
    multiValueHeaders: Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: names.length > 0 ? Object.fromEntries(parameters) : null,
    multiValueQueryStringParameters:
      names.length > 0
        ? Object.fromEntries(names.map((name) => [name, parameters.getAll(name)]))
        : null,
    requestContext: {
      path: `${stage ? `/${stage}` : ''}${basePath}${path}`,
      ...(groups !== undefined && { authorizer: { claims: { 'cognito:groups': groups } } }),
    },
    body: body === undefined ? null : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined,
  };
}
