// The HTTP front of the running service: the console at `/`, the reports at their keys in the bucket, and
// the API, for which it stands where API Gateway would.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import type { ConsoleFiles, ServedFile } from './console-files.ts';
import type { Functions } from './functions.ts';
import { FunctionError } from './lambda/host.ts';
import { readProxyAnswer, toProxyEvent } from './lambda/proxy-event.ts';
import { portInUse } from './stores/dynamodb.ts';
import type { Stores } from './stores/open-stores.ts';
import { errorCode } from './user-error.ts';

export interface FrontOptions {
  readonly port: number;
  readonly stores: Stores;
  readonly functions: Functions;
  readonly consoleFiles: ConsoleFiles;
  /** The folder of the bucket that is served. */
  readonly reportPrefix: string;
  /** Told when the API's function fails, which the client only sees as 502. */
  readonly onFailure: (error: FunctionError) => void;
}

/** @throws {UserError} when the port is in use. */
export async function openFront(options: FrontOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      sendJson(response, 500, { detail: error instanceof Error ? error.message : String(error) });
    });
  });
  try {
    server.listen(options.port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw errorCode(error) === 'EADDRINUSE' ? portInUse(options.port, 'HTTP') : error;
  }
  return server;
}

async function answer(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { stores, reportPrefix } = options;
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  if (path === '/api' || path.startsWith('/api/')) return answerApi(options, request, response);
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

async function answerApi(
  { functions, onFailure }: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const event = toProxyEvent({
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headersDistinct,
    body: await buffer(request),
    sourceIp: request.socket.remoteAddress ?? '',
    requestId: randomUUID(),
    atMs: Date.now(),
  });
  try {
    const answer = readProxyAnswer(await functions.invoke('serve-api', JSON.stringify(event)));
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    onFailure(error);
    sendJson(response, 502, { message: 'Internal server error' });
  }
}

function sendFile(file: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, file.headers);
  response.end(request.method === 'HEAD' ? undefined : file.contents);
}

async function sendObject(stores: Stores, key: string, response: ServerResponse): Promise<void> {
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
