// The API as a client meets it, without a network: a URL becomes API Gateway's event, and the answer is read back.
import type { ApiOptions, ApiStores } from '../../functions/outcomes/endpoints/all-endpoints.ts';
import { allEndpoints } from '../../functions/outcomes/endpoints/all-endpoints.ts';
import type { PipelineStore } from '../../functions/outcomes/pipeline/pipeline-store.ts';
import { readRequest } from '../../functions/outcomes/query/api-request.ts';
import { deliverWhole } from '../../functions/outcomes/respond/deliver.ts';
import { answerOrFailure, makeServe } from '../../functions/outcomes/serve.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import type { ReportsStore } from '../../functions/outcomes/store/reports-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Asked, proxyEvent } from './proxy-event.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly error: unknown;
  /** Read as JSON by the test that knows what it asked for. */
  json<T>(): T;
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

export function openApi(sql: Sql, options?: Partial<ApiOptions>): Ask {
  return askStores({ outcomes: makeOutcomesStore(sql) }, options);
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
