// HTTP → answers. Takes API Gateway's REST proxy event; it only reads, but where deletion is allowed. `handler` answers whole;
// `streamHandler` is for an integration in response streaming mode, where an export has no limit of size.
import { Readable } from 'node:stream';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import { API_AUTHORIZATIONS, DEFAULTS, ENV } from '../contracts.ts';
import { allEndpoints } from '../outcomes/endpoints/all-endpoints.ts';
import { type ProxyEvent, readRequest } from '../outcomes/query/api-request.ts';
import { type Answer, jsonAnswer } from '../outcomes/respond/answer.ts';
import { corsHeaders, readOrigins } from '../outcomes/respond/cors.ts';
import { deliverStream, deliverWhole } from '../outcomes/respond/deliver.ts';
import { answerOrFailure, makeServe, type Served } from '../outcomes/serve.ts';
import { makeDeletionStore } from '../outcomes/store/deletion-store.ts';
import { makeOutcomesStore } from '../outcomes/store/outcomes-store.ts';
import { lazily } from '../platform/lazily.ts';
import { makePostgres } from '../platform/postgres.ts';
import {
  flagSetting,
  integerSetting,
  oneOfSetting,
  requiredSetting,
  textSetting,
} from '../platform/settings.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

/** An instance answers one request at a time. */
const CONNECTIONS_MAX = 1;
/** API Gateway gives up after 29 seconds. */
const STATEMENT_TIMEOUT_MS = 20_000;

const { env } = process;
const { logger, metrics } = makeTelemetry('serve-api', env);
const sql = makePostgres(env, {
  functionName: 'serve-api',
  connectionsMax: CONNECTIONS_MAX,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
const bucket = requiredSetting(env, ENV.bucket);
const prefix = textSetting(env, ENV.reportPrefix, DEFAULTS.reportPrefix, /^[\w.-]+(\/[\w.-]+)*$/);
const stores = {
  outcomes: makeOutcomesStore(sql),
  reports: lazily(async () => {
    const { openReportsStore } = await import('../outcomes/store/reports-store.ts');
    return openReportsStore(bucket, prefix);
  }),
  pipeline: lazily(async () => {
    const { openPipelineStore } = await import('../outcomes/pipeline/pipeline-store.ts');
    return openPipelineStore(bucket, prefix);
  }),
};
const auth = oneOfSetting(env, ENV.apiAuth, API_AUTHORIZATIONS, DEFAULTS.apiAuth);
const introspection = oneOfSetting(
  env,
  ENV.graphqlIntrospection,
  ['true', 'false'],
  DEFAULTS.graphqlIntrospection,
);
const isIntrospectable = introspection === 'true';
const flushIntervalS = integerSetting(env, ENV.flushInterval, DEFAULTS.flushInterval, {
  min: 1,
  max: 1_000_000,
});
const deletion = flagSetting(env, ENV.allowDelete)
  ? { store: makeDeletionStore(sql), group: env[ENV.deleteGroup] || undefined }
  : undefined;
const options = { auth, isIntrospectable, bucket, now: Date.now, flushIntervalS, deletion };
const serve = makeServe(allEndpoints(stores, options));

const origins = readOrigins(env[ENV.corsOrigins]);

const INVALID_HOST: Served = {
  answer: jsonAnswer(400, { detail: 'The Host header is not a host.' }),
  route: null,
};

async function answerEvent<Delivered extends Answer>(
  event: ProxyEvent,
  deliver: (answer: Answer) => Promise<Delivered>,
) {
  const started = performance.now();
  const request = readRequest(event);
  const served = request ? await serve(request) : INVALID_HOST;
  const delivered = await answerOrFailure(() => deliver(served.answer));
  const { status, headers, body } = delivered.answer;
  const milliseconds = performance.now() - started;
  report(event, { ...served, ...delivered, error: served.error ?? delivered.error }, milliseconds);
  const cors = corsHeaders(request?.headers.get('origin'), origins);
  return { statusCode: status, headers: { ...headers, ...cors }, body };
}

function report(event: ProxyEvent, { answer, route, error }: Served, milliseconds: number): void {
  const { status, body } = answer;
  metrics.addMetric('Requests', MetricUnit.Count, 1);
  metrics.addMetric('RefusedRequests', MetricUnit.Count, status >= 400 && status < 500 ? 1 : 0);
  metrics.addMetric('FailedRequests', MetricUnit.Count, status >= 500 ? 1 : 0);
  metrics.addMetric('ResponseTime', MetricUnit.Milliseconds, milliseconds);
  if (error !== undefined) logger.error('request failed', { error });
  // Names of parameters alone: their values may be a person's.
  logger.info('request', {
    method: event.httpMethod,
    route,
    status,
    duration_ms: Math.round(milliseconds),
    characters: typeof body === 'string' ? body.length : null,
    parameters: Object.keys(
      event.multiValueQueryStringParameters ?? event.queryStringParameters ?? {},
    ),
  });
}

export const handler = middy((event: ProxyEvent) => answerEvent(event, deliverWhole))
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics));

async function answerAsStream(event: ProxyEvent) {
  const { body, ...head } = await answerEvent(event, deliverStream);
  return { ...head, body: typeof body === 'string' ? body : Readable.from(body) };
}

/** Lambda's runtime offers streams; where a host does not, there is `handler` alone. */
export const streamHandler =
  'awslambda' in globalThis && 'streamifyResponse' in awslambda
    ? middy(answerAsStream, { executionMode: executionModeStreamifyResponse })
        .use(injectLambdaContext(logger))
        .use(logMetrics(metrics))
    : undefined;
