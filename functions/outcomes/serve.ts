// A request of the API → its answer, as Django REST Framework goes about it: the route, the form, the
// method, then the endpoint. What goes wrong becomes an answer here; nothing is thrown.
import makeRouter from 'find-my-way';
import { DatabaseError, refusalOf } from '../platform/database-errors.ts';
import { LateError } from '../platform/within.ts';
import { CHANGING_METHODS, type Endpoint, type Operation } from './endpoints/endpoint.ts';
import { type ApiRequest, valuesOf } from './query/api-request.ts';
import {
  type Answer,
  ApiError,
  conditional,
  jsonAnswer,
  notFound,
  withHeaders,
} from './respond/answer.ts';
import { queryText } from './respond/links.ts';
import { chooseFormat, MEDIA_TYPES } from './respond/media.ts';
import { securityHeaders } from './respond/security.ts';
import { QueryTimeoutError } from './store/outcomes-store.ts';

export interface Served {
  readonly answer: Answer;
  /** The route's pattern; `null` where there is none. */
  readonly route: string | null;
  /** What went wrong on this side, for the log: the client is not told. */
  readonly error?: unknown;
}

interface Route {
  readonly pattern: string;
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string | undefined>>;
  /** What the path's suffix asks for. */
  readonly format?: string;
}

/** `/api/outcomes.csv`, as Django REST Framework's router has it. */
const SUFFIXED = /^(.*)\.([a-z0-9]+)\/?$/;
/** What Django REST Framework says of itself, also where, as here, hardly a request has a body. */
const DJANGO_PARSES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
];
const API_HEADERS = { vary: 'Accept', 'cache-control': 'private, no-cache' };
const RETRY_AFTER_S = '5';
const MOVED_HEADERS = { 'cache-control': 'private, max-age=86400' };
const READING = { allow: 'GET, HEAD, OPTIONS' };

export function makeServe(endpoints: Readonly<Record<string, Endpoint>>) {
  const router = makeRouter();
  for (const [pattern, endpoint] of Object.entries(endpoints)) {
    router.on('GET', pattern, () => {}, { pattern, endpoint });
  }
  function findRoute(path: string): Route | undefined {
    const found = router.find('GET', path);
    return found ? { ...found.store, path: found.params } : undefined;
  }
  function findSuffixed(path: string): Route | undefined {
    const [, bare, format = ''] = SUFFIXED.exec(path) ?? [];
    const route = bare === undefined ? undefined : findRoute(`${bare}/`);
    return route && { ...route, format };
  }
  return async (request: ApiRequest): Promise<Served> => {
    const route = findSuffixed(request.path) ?? findRoute(request.path);
    const served = await answerOrFailure(async () => {
      if (route) return answerRoute(route, request);
      if (findRoute(`${request.path}/`)) return slashAdded(request);
      throw notFound();
    });
    const { headers, body } = served.answer;
    const answer = {
      ...served.answer,
      headers: { ...headers, ...securityHeaders(headers, request.origin) },
      body: request.method === 'HEAD' ? '' : body,
    };
    return { ...served, answer, route: route?.pattern ?? null };
  };
}

/** The same answers for what goes wrong while an export is on its way, if nothing was sent yet. */
export async function answerOrFailure(work: () => Promise<Answer>): Promise<Omit<Served, 'route'>> {
  try {
    return { answer: await work() };
  } catch (error) {
    if (error instanceof ApiError) {
      const answer = jsonAnswer(error.status, error.body);
      return { answer: withHeaders(answer, { ...READING, ...API_HEADERS, ...error.headers }) };
    }
    return { answer: withHeaders(failure(error), { ...READING, ...API_HEADERS }), error };
  }
}

async function answerRoute(route: Route, request: ApiRequest): Promise<Answer> {
  const { endpoint, path } = route;
  const { method, query, headers } = request;
  const operation = operationOf(endpoint, method);
  const asked = route.format ?? valuesOf(query).format;
  const format = chooseFormat((operation ?? endpoint).formats, asked, headers.get('accept'));
  const shared = { allow: allowedMethods(endpoint).join(', '), ...API_HEADERS };
  if (method === 'OPTIONS') return withHeaders(describe(endpoint), shared);
  if (!operation) {
    throw new ApiError(405, { detail: `Method "${method}" not allowed.` }, shared);
  }
  const answer = await operation.answer({ request, path, format });
  const complete = { ...answer, headers: { ...shared, ...answer.headers } };
  return method === 'GET' || method === 'HEAD'
    ? conditional(complete, headers.get('if-none-match'))
    : complete;
}

function operationOf(endpoint: Endpoint, method: string): Operation | undefined {
  if (method === 'GET' || method === 'HEAD') return endpoint.isGetRefused ? undefined : endpoint;
  const changing = CHANGING_METHODS.find((one) => one === method);
  return changing && endpoint.methods?.[changing];
}

function allowedMethods({ methods = {}, isGetRefused }: Endpoint): string[] {
  const changing = CHANGING_METHODS.filter((method) => methods[method]);
  return isGetRefused ? [...changing, 'OPTIONS'] : ['GET', ...changing, 'HEAD', 'OPTIONS'];
}

function describe({ name, description, formats }: Endpoint): Answer {
  const renders = formats.map((format) => MEDIA_TYPES[format]);
  return jsonAnswer(200, { name, description, renders, parses: DJANGO_PARSES });
}

/** For every method, as Django does; relative, so it holds behind any host. */
function slashAdded({ basePath, path, query }: ApiRequest): Answer {
  const visible = `${basePath}${path}`.replace(/[^\x21-\x7e]+/g, (text) =>
    encodeURIComponent(text.toWellFormed()),
  );
  const location = `${visible}/${queryText(query)}`;
  return { status: 301, headers: { location, ...MOVED_HEADERS }, body: '' };
}

function failure(error: unknown): Answer {
  const detail = unavailability(error);
  if (detail !== undefined) {
    return withHeaders(jsonAnswer(503, { detail }), { 'retry-after': RETRY_AFTER_S });
  }
  if (error instanceof QueryTimeoutError) {
    const detail = 'The query took too long. Narrow it by filters, or page by cursor.';
    return jsonAnswer(503, { detail });
  }
  return jsonAnswer(500, { detail: 'Internal server error.' });
}

/** What passes by itself. */
function unavailability(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return 'The database is not available.';
  if (error instanceof LateError) return error.message;
  return (
    refusalOf(error) ??
    (isFaultOfAws(error) ? 'The store of the reports is not available.' : undefined)
  );
}

/** No answer, one of 5xx, or a throttle that outlasted the client's retries: all but what the request did wrong. */
function isFaultOfAws(error: unknown): boolean {
  if (!(error instanceof Error) || !('$metadata' in error)) return false;
  return !('$fault' in error && error.$fault === 'client') || '$retryable' in error;
}
