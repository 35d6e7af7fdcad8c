// The HTTP front of the running service: the console at `/`, the reports at their keys in the bucket, and
// the API, for which it stands where API Gateway would.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import { BodyTooLargeError, readBody } from '../http/body.ts';
import { ownOrigins, refusalOf } from '../http/callers.ts';
import { listen } from '../http/listen.ts';
import { readProxyAnswer, toProxyEvent } from '../lambda/proxy-event.ts';
import type { Functions } from '../service/functions.ts';
import type { ReportSource } from '../service/reports.ts';
import { FunctionError } from '../shared/function-error.ts';
import { EVENT_BYTES_MAX } from '../stream/msk-event.ts';
import type { ConsoleFiles, ServedFile } from './console-files.ts';

/** API Gateway's. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;

export interface FrontOptions {
  readonly port: number;
  readonly stores: ReportSource;
  readonly functions: Functions;
  readonly consoleFiles: ConsoleFiles;
  /** The folder of the bucket that is served. */
  readonly reportPrefix: string;
  /** Other pages that may read the API's answers, by their origins. */
  readonly corsOrigins: readonly string[];
  /** Told when the API's function fails, which the client only sees as 502. */
  readonly onFailure: (error: FunctionError) => void;
}

/** @throws {UserError} when the port cannot be had. */
export async function openFront(options: FrontOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      sendJson(response, 500, { detail: error instanceof Error ? error.message : String(error) });
    });
  });
  await listen(server, options.port, 'HTTP');
  return server;
}

async function answer(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { stores, reportPrefix } = options;
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const isApi = path === '/api' || path.startsWith('/api/');
  const refusal = refusalFor(request, isApi ? options.corsOrigins : []);
  if (refusal) {
    request.resume();
    return sendJson(response, 403, { detail: `Refused: ${refusal}.` });
  }
  if (isApi) return answerApi(options, request, response);
  const isReport = path.startsWith(`/${reportPrefix}/`);
  const file = options.consoleFiles.get(path);
  if (!file && !isReport) return sendJson(response, 404, { detail: 'Not found.' });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return sendJson(response, 405, { detail: `Method "${request.method}" not allowed.` });
  }
  if (file) return sendFile(file, request, response);
  await sendObject(stores, path.slice(1), response);
}

function refusalFor(request: IncomingMessage, others: readonly string[]): string | undefined {
  const { method = '', headers, socket } = request;
  const port = socket.localPort ?? 0;
  const origins = new Set([...ownOrigins(port), ...others]);
  return refusalOf({ method, headers, port }, { origins, isVisited: true });
}

async function answerApi(
  { functions, corsOrigins, onFailure }: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const preflight = preflightAnswer(request, corsOrigins);
  if (preflight) return void response.writeHead(204, preflight).end();
  try {
    const event = await readEvent(request);
    const answer = readProxyAnswer(await functions.invoke('serve-api', event));
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      return sendJson(response, 413, { message: 'Request Too Long' });
    }
    if (!(error instanceof FunctionError)) throw error;
    onFailure(error);
    sendJson(response, 502, { message: 'Internal server error' });
  }
}

/** @throws {BodyTooLargeError} of what API Gateway, or Lambda behind it, does not take. */
async function readEvent(request: IncomingMessage): Promise<string> {
  const event = toProxyEvent({
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headersDistinct,
    body: await readBody(request, BODY_BYTES_MAX),
    sourceIp: request.socket.remoteAddress ?? '',
    requestId: randomUUID(),
    atMs: Date.now(),
  });
  const text = JSON.stringify(event);
  if (text.length <= EVENT_BYTES_MAX) return text;
  throw new BodyTooLargeError(`An event has at most ${EVENT_BYTES_MAX} bytes.`);
}

/** What a browser asks before it lets another page ask: as API Gateway answers it, see lib/query-api.ts. */
function preflightAnswer({ method, headers }: IncomingMessage, corsOrigins: readonly string[]) {
  const { origin } = headers;
  if (method !== 'OPTIONS' || !origin || !corsOrigins.includes(origin)) return undefined;
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET,HEAD',
    'access-control-allow-headers': 'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token',
    'access-control-max-age': '3600',
    vary: 'Origin',
  };
}

function sendFile(file: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, file.headers);
  response.end(request.method === 'HEAD' ? undefined : file.contents);
}

async function sendObject(
  stores: ReportSource,
  key: string,
  response: ServerResponse,
): Promise<void> {
  try {
    const object = await stores.s3.send(new GetObjectCommand({ Bucket: stores.bucket, Key: key }));
    response.writeHead(200, {
      'content-type': object.ContentType,
      'content-length': object.ContentLength,
      etag: object.ETag,
      'last-modified': object.LastModified?.toUTCString(),
      'cache-control': 'no-cache',
    });
    await pipeline(object.Body as Readable, response);
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    sendJson(response, 404, { detail: 'Not found.' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
