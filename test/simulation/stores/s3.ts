// S3 as a state machine: what the stores of the project ask for, and nothing else. test/contract holds
// it beside the project's own server.
import { hash } from 'node:crypto';
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Command } from './clients.ts';

const KEY_BYTES_MAX = 1024;

interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly writtenAtMs: number;
}

const namesOf = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const BUCKET = namesOf('Bucket');
const OBJECT = namesOf('Bucket Key');
const PUT = namesOf('Bucket Key Body ContentType Metadata IfMatch IfNoneMatch');

type Operation = (input: never) => object;

export class SimulatedS3 {
  readonly #buckets = new Map<string, Map<string, StoredObject>>();
  readonly #now: () => number;
  readonly #operations = new Map<unknown, readonly [Operation, ReadonlySet<string>]>([
    [CreateBucketCommand, [(input) => this.#createBucket(input), BUCKET]],
    [PutObjectCommand, [(input) => this.#putObject(input), PUT]],
    [GetObjectCommand, [(input) => this.#getObject(input), OBJECT]],
    [HeadObjectCommand, [(input) => this.#headObject(input), OBJECT]],
  ]);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws what the SDK would throw for the answer. */
  execute(command: Command): object {
    const [operation, fields] = this.#operations.get(command.constructor) ?? [];
    if (!operation || !fields) throw new Error(`Not simulated: ${command.constructor.name}`);
    const { input } = command;
    const unknown = Object.keys(input).filter((name) => !fields.has(name));
    if (unknown.length > 0) throw new Error(`Not simulated: the parameters ${unknown}`);
    return operation(input as never);
  }

  keys(bucket: string): string[] {
    return [...this.#objects(bucket).keys()];
  }

  text(bucket: string, key: string): string | undefined {
    return this.#objects(bucket).get(key)?.body.toString();
  }

  #objects(bucket: string | undefined): Map<string, StoredObject> {
    const objects = this.#buckets.get(bucket ?? '');
    if (objects) return objects;
    throw new NoSuchBucket({ $metadata: { httpStatusCode: 404 }, message: `No bucket ${bucket}` });
  }

  #createBucket({ Bucket = '' }: CreateBucketCommandInput) {
    if (!this.#buckets.has(Bucket)) this.#buckets.set(Bucket, new Map());
    return { Location: `/${Bucket}` };
  }

  #putObject(input: PutObjectCommandInput) {
    const { Bucket, Key = '', Body, ContentType, Metadata: metadata = {} } = input;
    const objects = this.#objects(Bucket);
    if (typeof Body !== 'string' && !Buffer.isBuffer(Body)) {
      throw new Error('Not simulated: a body that is neither text nor a buffer');
    }
    if (Buffer.byteLength(Key) > KEY_BYTES_MAX) {
      throw failure('KeyTooLongError', 400, `A key has at most ${KEY_BYTES_MAX} bytes.`);
    }
    checkConditions(input, objects.get(Key));
    const body = Buffer.from(Body);
    const contentType = ContentType ?? 'application/octet-stream';
    const etag = etagOf(body);
    objects.set(Key, { body, etag, contentType, metadata, writtenAtMs: this.#now() });
    return { ETag: etag };
  }

  #getObject({ Bucket, Key = '' }: GetObjectCommandInput) {
    const object = this.#objects(Bucket).get(Key);
    if (!object) {
      throw new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: `No key ${Key}` });
    }
    const { body } = object;
    return { ...describe(object), Body: { transformToString: async () => body.toString() } };
  }

  #headObject({ Bucket, Key = '' }: HeadObjectCommandInput) {
    const object = this.#objects(Bucket).get(Key);
    if (object) return describe(object);
    throw new NotFound({ $metadata: { httpStatusCode: 404 }, message: 'NotFound' });
  }
}

/** @throws what S3 answers when the object is not as the writer has it. */
function checkConditions(
  { IfMatch, IfNoneMatch, Key }: PutObjectCommandInput,
  stored: StoredObject | undefined,
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw new Error(`Not simulated: IfNoneMatch ${IfNoneMatch}`);
  }
  if (IfNoneMatch && stored) throw failure('PreconditionFailed', 412, 'The key is there.');
  if (IfMatch === undefined) return;
  if (!stored) throw failure('NoSuchKey', 404, `No key ${Key}`);
  if (IfMatch !== stored.etag) throw failure('PreconditionFailed', 412, 'It has changed.');
}

function describe({ body, etag, contentType, metadata, writtenAtMs }: StoredObject) {
  return {
    ContentLength: body.length,
    ContentType: contentType,
    Metadata: { ...metadata },
    ETag: etag,
    LastModified: new Date(Math.floor(writtenAtMs / 1000) * 1000),
  };
}

function etagOf(body: Buffer): string {
  return `"${hash('md5', body)}"`;
}

function failure(name: string, httpStatusCode: number, message: string): S3ServiceException {
  return new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message });
}
