// The objects of what was refused, or given up, in the bucket: found page by page, so that any number of
// them will do, and kept under another prefix once they were sent again.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ABANDONED_PREFIX, QUARANTINE_PREFIX, redrivenKey } from '../../functions/contracts.ts';
import { type Quarantined, readQuarantined } from '../../functions/kafka/quarantined.ts';
import { UserError } from '../../local/shared/user-error.ts';

export interface KeptObject {
  readonly key: string;
  readonly keptAt: Date;
}

export interface ReadObject extends KeptObject, Quarantined {
  readonly text: string;
}

export class KeptObjects {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** In groups of one partition, by offset; batches that were given up come last, one by one. */
  async *groups(topic: string | undefined): AsyncGenerator<KeptObject[]> {
    const prefix = topic === undefined ? QUARANTINE_PREFIX : `${QUARANTINE_PREFIX}${topic}/`;
    let group: KeptObject[] = [];
    for await (const object of this.#list(prefix)) {
      if (group[0] && folderOf(group[0].key) !== folderOf(object.key)) {
        yield group.sort(byOffset);
        group = [];
      }
      group.push(object);
    }
    if (group.length > 0) yield group.sort(byOffset);
    for await (const object of this.#list(ABANDONED_PREFIX)) yield [object];
  }

  /** @throws {UserError} that names the object, when it is not there or not of a known form. */
  async read({ key, keptAt }: KeptObject): Promise<ReadObject> {
    const text = await this.#text(key);
    try {
      return { key, keptAt, text, ...readQuarantined(text) };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      throw new UserError(`s3://${this.#bucket}/${key} cannot be read: ${error.message}`);
    }
  }

  /** Written under the new key before the old one goes: at no moment is it nowhere. */
  async moveAway({ key, text }: ReadObject): Promise<void> {
    const Body = text;
    const target = { Bucket: this.#bucket, Key: redrivenKey(key) };
    await this.#s3.send(new PutObjectCommand({ ...target, Body, ContentType: 'application/json' }));
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  async #text(key: string): Promise<string> {
    try {
      const target = { Bucket: this.#bucket, Key: key };
      const { Body } = await this.#s3.send(new GetObjectCommand(target));
      return (await Body?.transformToString('utf8')) ?? '';
    } catch (error) {
      if (!(error instanceof Error && error.name === 'NoSuchKey')) throw error;
      throw new UserError(`s3://${this.#bucket}/${key} is not there.`);
    }
  }

  async *#list(prefix: string): AsyncGenerator<KeptObject> {
    let token: string | undefined;
    do {
      const page = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(token && { ContinuationToken: token }),
        }),
      );
      for (const { Key, LastModified } of page.Contents ?? []) {
        if (Key && LastModified) yield { key: Key, keptAt: LastModified };
      }
      token = page.NextContinuationToken;
    } while (token);
  }
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

/** Keys are listed as text, where 10 comes before 9. */
function byOffset(a: KeptObject, b: KeptObject): number {
  const [x, y] = [a, b].map(({ key }) => /(\d+)\.json$/.exec(key)?.[1] ?? '');
  return (x ?? '').length - (y ?? '').length || (a.key < b.key ? -1 : 1);
}
