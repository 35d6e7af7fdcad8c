// Target: requests to the API, as the front turns them into API Gateway's events, through the built function
// over a database of odd outcomes. No bad request is a 5xx; every answer is in the form that docs/api.md says.
import { toProxyEvent } from '../../local/lambda/proxy-event.ts';
import { kafkaEvent } from '../support/kafka-record.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Target } from './fuzz-run.ts';
import type { HostedFunctions } from './hosted-functions.ts';
import { hostileText } from './hostile-values.ts';
import { answerComplaint } from './http-answers.ts';
import { ACCEPTS, HOSTS, METHODS, makeParameter, ODD_PATHS, PATHS, TAGS } from './request-parts.ts';

export interface RequestInput {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function httpTarget(functions: HostedFunctions): Promise<Target<RequestInput>> {
  await recordOddOutcomes(functions);
  return {
    name: 'http',
    make: (random) => Array.from({ length: 10 }, () => makeRequest(random)),
    check: (requests) => checkRequests(functions, requests),
    simpler: simplerRequests,
    show: (request) => JSON.stringify(request).slice(0, 3_000),
  };
}

/** Rows at the edges of what a message may hold, and enough of them for several pages. */
async function recordOddOutcomes(functions: HostedFunctions): Promise<void> {
  const random = makeRandom(1);
  const texts = ['a,"b"\r\nc', '=1+1', '💶', '', 'x'.repeat(255), '\u2028', '<b>'];
  const times = [
    '0001-01-01T00:00:00+15:59',
    '9999-12-31T23:59:59.999999-15:59',
    '2025-01-31T12:00Z',
  ];
  const prices = ['0', '-1.5', `${'9'.repeat(100)}.${'9'.repeat(100)}`, '1e-100', '1.10', '2.5'];
  const messages = Array.from({ length: 400 }, (_, offset) => ({
    offset,
    value: JSON.stringify({
      ...{
        bid_id: String(random.below(50)),
        user_id: random.pick(texts),
        site_domain: random.pick(texts),
      },
      ...{
        win_status: random.chance(0.5),
        win_price: random.pick(prices),
        bid_price: random.pick(prices),
      },
      ...{ currency: random.pick(['USD', 'EUR', '"', ',']), timestamp: random.pick(times) },
      user_interests: random.pick<unknown>([[], [1e21, null], [{ '': { __proto__: 1 } }], ['"']]),
    }),
  }));
  await functions.invoke('record-outcomes', JSON.stringify(kafkaEvent(messages)));
}

function makeRequest(random: Random): RequestInput {
  const path = random.chance(0.75) ? random.pick(PATHS) : random.pick(ODD_PATHS);
  const query = Array.from({ length: random.below(5) }, () => makeParameter(random));
  const accept = random.chance(0.3) ? random.pick(ACCEPTS) : '*/*';
  const host = random.chance(0.1) ? random.pick(HOSTS) : 'localhost:8000';
  const more = random.chance(0.1) ? { 'if-none-match': random.pick(TAGS) } : {};
  const proto = random.chance(0.05) ? { 'x-forwarded-proto': hostileText(random) } : {};
  return {
    method: random.pick(METHODS),
    path: random.chance(0.03) ? `${path}${encodeURIComponent(hostileText(random))}` : path,
    query,
    headers: { host, accept, ...more, ...proto },
    body: random.chance(0.1) ? hostileText(random).repeat(1 + random.below(500)) : '',
  };
}

async function checkRequests(functions: HostedFunctions, requests: readonly RequestInput[]) {
  for (const request of requests) {
    const event = toProxyEvent({
      method: request.method,
      url: `${request.path}${request.query.length > 0 ? `?${request.query.join('&')}` : ''}`,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, [value]]),
      ),
      ...{ body: Buffer.from(request.body), sourceIp: '127.0.0.1', requestId: 'fuzz', atMs: 0 },
    });
    const text = await functions.invoke('serve-api', JSON.stringify(event));
    const complaint = answerComplaint(request, text) ?? leakComplaint(functions);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function leakComplaint(functions: HostedFunctions): string | undefined {
  const line = functions.leak();
  return line === undefined ? undefined : `a log line holds a value of the request: ${line}`;
}

function* simplerRequests(request: RequestInput): Generator<RequestInput> {
  for (const index of request.query.keys()) {
    yield { ...request, query: request.query.toSpliced(index, 1) };
  }
  if (request.body !== '') yield { ...request, body: '' };
  for (const name of Object.keys(request.headers).filter((name) => name !== 'host')) {
    const { [name]: _, ...headers } = request.headers;
    yield { ...request, headers };
  }
  if (request.method !== 'GET') yield { ...request, method: 'GET' };
}
