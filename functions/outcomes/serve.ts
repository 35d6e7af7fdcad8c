// A request of the API → its answer, as Django REST Framework goes about it: the route, the form, the
// method, then the endpoint. What goes wrong becomes an answer here; nothing is thrown.
import makeRouter from 'find-my-way';
import { DatabaseError } from '../platform/database-errors.ts';
import { CHANGING_METHODS, type Endpoint, type Operation } from './endpoints/endpoint.ts';
import { type ApiRequest, lastValues } from './query/api-request.ts';
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
}

/** What Django REST Framework says of itself, also where, as here, no request has a body. */
const DJANGO_PARSES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
];
const API_HEADERS = {
  allow: 'GET, HEAD, OPTIONS',
  vary: 'Accept',
  'cache-control': 'private, no-cache',
};

export function makeServe(endpoints: Readonly<Record<string, Endpoint>>) {
  const router = makeRouter();
  for (const [pattern, endpoint] of Object.entries(endpoints)) {
    router.on('GET', pattern, () => {}, { pattern, endpoint });
  }
  function findRoute(path: string): Route | undefined {
    const found = router.find('GET', path);
    return found ? { ...found.store, path: found.params } : undefined;
  }
  return async (request: ApiRequest): Promise<Served> => {
    const route = findRoute(request.path);
    const served = await answerOrFailure(async () => {
      if (route) return answerRoute(route, request);
      if (findRoute(`${request.path}/`)) return slashAdded(request);
      throw notFound();
    });
    const answer = request.method === 'HEAD' ? { ...served.answer, body: '' } : served.answer;
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
      return { answer: withHeaders(answer, { ...API_HEADERS, ...error.headers }) };
    }
    return { answer: withHeaders(failure(error), API_HEADERS), error };
  }
}

async function answerRoute({ endpoint, path }: Route, request: ApiRequest): Promise<Answer> {
  const { method, query, headers } = request;
  const operation = operationOf(endpoint, method);
  const asked = lastValues(query).format;
  const format = chooseFormat((operation ?? endpoint).formats, asked, headers.get('accept'));
  const shared = { ...API_HEADERS, allow: allowedMethods(endpoint).join(', ') };
  if (method === 'OPTIONS') return withHeaders(describe(endpoint), shared);
  if (!operation) {
    throw new ApiError(405, { detail: `Method "${method}" not allowed.` }, shared);
  }
  const answer = await operation.answer({ request, path, format });
  const complete = { ...answer, headers: { ...shared, ...answer.headers } };
  return conditional(complete, headers.get('if-none-match'));
}

function operationOf(endpoint: Endpoint, method: string): Operation | undefined {
  if (method === 'GET' || method === 'HEAD') return endpoint;
  const changing = CHANGING_METHODS.find((one) => one === method);
  return changing && endpoint.methods?.[changing];
}

function allowedMethods({ methods = {} }: Endpoint): string[] {
  return ['GET', ...CHANGING_METHODS.filter((method) => methods[method]), 'HEAD', 'OPTIONS'];
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
  return { status: 301, headers: { location }, body: '' };
}

function failure(error: unknown): Answer {
  const later = { 'retry-after': '5' };
  if (error instanceof DatabaseError) {
    return withHeaders(jsonAnswer(503, { detail: 'The database is not available.' }), later);
  }
  if (error instanceof QueryTimeoutError) {
    const detail = 'The query took too long. Narrow it by filters, or page by cursor.';
    return jsonAnswer(503, { detail });
  }
  return jsonAnswer(500, { detail: 'Internal server error.' });
}
