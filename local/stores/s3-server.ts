// The part of the S3 REST API that the functions, the SDK and the AWS CLI use on reports, over
// plain files. What it does not know it refuses with NotImplemented, never by ignoring it.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BodyTooLargeError, readBody } from '../http/body.ts';
import { NO_PAGES, refusalOf } from '../http/callers.ts';
import { OWNER_HEADER } from './data-directory.ts';
import { type ObjectFiles, type ObjectHeaders, UnusableKeyError } from './object-files.ts';
import { decodeAwsChunks, isAwsChunked } from './s3-chunks.ts';
import { errorXml, listBucketsXml, listObjectsXml, readListing } from './s3-listing.ts';

const KEY_BYTES_MAX = 1024;
/** S3 takes 5 GB at once; here an object is held in memory, and nothing of this service comes near. */
const OBJECT_BYTES_MAX = 256 * 1024 * 1024;
const KEPT_HEADERS =
  /^(content-(type|disposition|language|encoding)|cache-control|expires|x-amz-meta-.+)$/;
const UNKNOWN_HEADERS = ['x-amz-copy-source', 'if-modified-since', 'if-unmodified-since'];
const CONDITIONS = ['if-match', 'if-none-match'];
const KNOWN_PARAMETERS = new Set(
  ['x-id', 'list-type', 'prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token'] //
    .concat('encoding-type', 'fetch-owner'),
);

export class S3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

interface S3Request {
  readonly files: ObjectFiles;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly message: IncomingMessage;
}

interface S3Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** @param onError told of what went wrong inside, be it a full disk or a client that hung up. */
export function createS3Server(
  files: ObjectFiles,
  ownerId: string,
  onError: (error: unknown) => void,
): Server {
  return createServer(async (message, response) => {
    response.setHeader(OWNER_HEADER, ownerId);
    try {
      refuseStrangers(message);
      send(response, await answer(readRequest(files, message)), message.method === 'HEAD');
    } catch (error) {
      const refusal = toS3Error(error);
      if (refusal.status === 500) onError(error);
      send(response, toAnswer(refusal), message.method === 'HEAD');
      // What was not read of the body is dropped: the connection goes on.
      message.resume();
    }
  });
}

function refuseStrangers({ method = '', headers, socket }: IncomingMessage): void {
  const refusal = refusalOf({ method, headers, port: socket.localPort ?? 0 }, NO_PAGES);
  if (refusal) throw new S3Error(403, 'AccessDenied', refusal);
}

function readRequest(files: ObjectFiles, message: IncomingMessage): S3Request {
  const [path = '/', search = ''] = (message.url ?? '/').split('?', 2);
  const query = new URLSearchParams(search);
  const unknown = [...query.keys()].find((name) => !KNOWN_PARAMETERS.has(name));
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown}`);
  const isWrite = message.method === 'PUT';
  const header = [...UNKNOWN_HEADERS, ...(isWrite ? [] : CONDITIONS)].find(
    (name) => name in message.headers,
  );
  if (header !== undefined) throw notImplemented(`the header ${header}`);

  const [bucket = '', ...key] = path.slice(1).split('/');
  return { files, bucket, key: decodeURIComponent(key.join('/')), query, message };
}

async function answer(request: S3Request): Promise<S3Answer> {
  const { files, bucket, key, message } = request;
  const { method = 'GET' } = message;
  if (bucket === '') {
    if (method !== 'GET') throw notImplemented(`${method} of the service`);
    return xml(listBucketsXml(await files.listBuckets()));
  }
  if (key === '' && method === 'PUT') return createBucket(request);
  if (!(await files.hasBucket(bucket))) {
    throw new S3Error(404, 'NoSuchBucket', `The bucket ${bucket} does not exist.`);
  }
  const operation = (key === '' ? BUCKET_OPERATIONS : OBJECT_OPERATIONS)[method];
  if (!operation) throw notImplemented(`${method} of ${key === '' ? 'a bucket' : 'an object'}`);
  return operation(request);
}

type Operation = (request: S3Request) => Promise<S3Answer>;

const BUCKET_OPERATIONS: Readonly<Record<string, Operation>> = {
  HEAD: async () => ({ status: 200 }),
  GET: async ({ files, bucket, query }) => {
    return xml(listObjectsXml(bucket, readListing(await files.list(bucket), query)));
  },
};

const OBJECT_OPERATIONS: Readonly<Record<string, Operation>> = {
  GET: readObject,
  HEAD: readObject,
  PUT: writeObject,
  DELETE: async ({ files, bucket, key }) => {
    await files.delete(bucket, key);
    return { status: 204 };
  },
};

async function createBucket({ files, bucket, message }: S3Request): Promise<S3Answer> {
  message.resume();
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new S3Error(400, 'InvalidBucketName', `${bucket} is not a bucket name.`);
  }
  await files.createBucket(bucket);
  return { status: 200, headers: { location: `/${bucket}` } };
}

async function readObject({ files, bucket, key }: S3Request): Promise<S3Answer> {
  const object = await files.read(bucket, key);
  if (!object) throw new S3Error(404, 'NoSuchKey', `The key ${key} does not exist.`);
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      ...object.headers,
      etag: etagOf(object.body),
      'last-modified': object.modified.toUTCString(),
    },
    body: object.body,
  };
}

async function writeObject({ files, bucket, key, message }: S3Request): Promise<S3Answer> {
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) {
    throw new S3Error(400, 'KeyTooLongError', `A key has at most ${KEY_BYTES_MAX} bytes.`);
  }
  const sent = await readBody(message, OBJECT_BYTES_MAX);
  const body = isAwsChunked(message.headers) ? decodeAwsChunks(sent) : sent;
  await files.alone(bucket, key, async () => {
    refuseUnlessAs(message, (await files.read(bucket, key))?.body);
    await files.write(bucket, key, body, keptHeaders(message));
  });
  return { status: 200, headers: { etag: etagOf(body) } };
}

/** `If-None-Match: *` and `If-Match: <etag>`, as S3 takes them with a write. */
function refuseUnlessAs({ headers }: IncomingMessage, current: Buffer | undefined): void {
  const { 'if-none-match': noneOf, 'if-match': oneOf } = headers;
  if (noneOf !== undefined && noneOf !== '*') throw notImplemented('If-None-Match of an ETag');
  if (oneOf !== undefined && !current) {
    throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  }
  const isRefused =
    (noneOf === '*' && current) || (oneOf !== undefined && current && etagOf(current) !== oneOf);
  if (isRefused) {
    throw new S3Error(412, 'PreconditionFailed', 'At least one precondition does not hold.');
  }
}

function keptHeaders(message: IncomingMessage): ObjectHeaders {
  const kept = Object.entries(message.headers)
    .filter(([name]) => KEPT_HEADERS.test(name))
    .map(([name, value]) => [name, String(value).replace(/aws-chunked,?\s*/, '')] as const);
  return Object.fromEntries(kept.filter(([, value]) => value !== ''));
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function xml(body: string): S3Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function notImplemented(what: string): S3Error {
  return new S3Error(501, 'NotImplemented', `This local S3 does not do ${what}.`);
}

function toS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (error instanceof UnusableKeyError) return new S3Error(409, 'UnusableKey', error.message);
  if (error instanceof BodyTooLargeError) return new S3Error(400, 'EntityTooLarge', error.message);
  if (error instanceof RangeError) return new S3Error(400, 'InvalidArgument', error.message);
  if (error instanceof URIError) return new S3Error(400, 'InvalidURI', 'The URI is not valid.');
  return new S3Error(500, 'InternalError', error instanceof Error ? error.message : String(error));
}

function toAnswer({ status, code, message }: S3Error): S3Answer {
  return { ...xml(errorXml(code, message)), status };
}

function send(response: ServerResponse, answer: S3Answer, headOnly: boolean): void {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  response.end(headOnly ? undefined : body);
}
