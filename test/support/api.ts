// The API as a client meets it, without a network: a URL becomes API Gateway's event as API Gateway
// would make it, and the answer is read back.
import type { ApiOptions, ApiStores } from '../../functions/outcomes/endpoints/all-endpoints.ts';
import { allEndpoints } from '../../functions/outcomes/endpoints/all-endpoints.ts';
import type { PipelineStore } from '../../functions/outcomes/pipeline/pipeline-store.ts';
import { type ProxyEvent, readRequest } from '../../functions/outcomes/query/api-request.ts';
import { deliverWhole } from '../../functions/outcomes/respond/deliver.ts';
import { answerOrFailure, makeServe } from '../../functions/outcomes/serve.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import type { ReportsStore } from '../../functions/outcomes/store/reports-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly error: unknown;
  /** Read as JSON by the test that knows what it asked for. */
  json<T>(): T;
}

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

export type Ask = (url: string, asked?: Asked) => Promise<Reply>;

export const NO_REPORTS: ReportsStore = {
  newest: async () => undefined,
  at: async () => undefined,
  runsUpTo: async () => [],
  runsAfter: async () => [],
};

export const NO_PIPELINE: PipelineStore = {
  runDocument: async () => undefined,
  hostDocument: async () => undefined,
  listRefused: async () => ({ records: [], isComplete: true }),
  withReasons: async () => [],
  refused: async () => undefined,
  countAbandoned: async () => 0,
};

const OPTIONS: ApiOptions = {
  ...{ auth: 'none', isIntrospectable: true },
  ...{ bucket: 'documents', flushIntervalS: 300, now: Date.now },
};

export function openApi(sql: Sql): Ask {
  return askStores({ outcomes: makeOutcomesStore(sql) });
}

/** What is not given is empty. */
export function askStores(
  stores: Pick<ApiStores, 'outcomes'> & Partial<ApiStores>,
  options: Partial<ApiOptions> = {},
): Ask {
  const all = { reports: NO_REPORTS, pipeline: NO_PIPELINE, ...stores };
  const serve = makeServe(allEndpoints(all, { ...OPTIONS, ...options }));
  return async (url, asked) => {
    const request = readRequest(proxyEvent(url, asked));
    if (!request) throw new TypeError(`${url} has no usable Host header.`);
    const served = await serve(request);
    const { answer, error } = await answerOrFailure(() => deliverWhole(served.answer));
    const { status, headers, body } = answer;
    const text = typeof body === 'string' ? body : '';
    return { status, headers, text, error: served.error ?? error, json: () => JSON.parse(text) };
  };
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
