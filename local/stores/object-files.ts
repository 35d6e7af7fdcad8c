// S3 buckets as plain folders: the object `analytics/summary/latest.json` is the file
// `<bucket>/analytics/summary/latest.json`. What a file cannot carry (content type, metadata)
// stands in the same place under `.headers/`.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../shared/user-error.ts';

export type ObjectHeaders = Readonly<Record<string, string>>;

export interface StoredObject {
  readonly body: Buffer;
  readonly headers: ObjectHeaders;
  readonly modified: Date;
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modified: Date;
}

/** The key cannot be a file here, although S3 itself might take it. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}

const HEADERS_FOLDER = '.headers';
const DRAFTS_FOLDER = '.drafts';
const NO_SUCH_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

export class ObjectFiles {
  readonly #root: string;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Once, before anything else: drops what a killed process left half written. */
  async prepare(): Promise<void> {
    const drafts = join(this.#root, DRAFTS_FOLDER);
    await rm(drafts, { recursive: true, force: true });
    await mkdir(drafts, { recursive: true });
  }

  async createBucket(bucket: string): Promise<void> {
    await mkdir(join(this.#root, bucket), { recursive: true });
  }

  async hasBucket(bucket: string): Promise<boolean> {
    return (await this.listBuckets()).includes(bucket);
  }

  async listBuckets(): Promise<string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    return folders.map((entry) => entry.name).sort();
  }

  async read(bucket: string, key: string): Promise<StoredObject | undefined> {
    const path = this.#bodyPath(bucket, key);
    try {
      const [body, { mtime }] = await Promise.all([readFile(path), stat(path)]);
      return { body, headers: await this.#readHeaders(bucket, key), modified: mtime };
    } catch (error) {
      if (NO_SUCH_FILE.has(errorCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  async write(bucket: string, key: string, body: Buffer, headers: ObjectHeaders): Promise<void> {
    try {
      await this.#replace(this.#headersPath(bucket, key), Buffer.from(JSON.stringify(headers)));
      await this.#replace(this.#bodyPath(bucket, key), body);
    } catch (error) {
      throw isKeyConflict(error)
        ? new UnusableKeyError(`No file can be named by key ${key}`)
        : error;
    }
  }

  async delete(bucket: string, key: string): Promise<void> {
    for (const path of [this.#bodyPath(bucket, key), this.#headersPath(bucket, key)]) {
      await rm(path, { force: true }).catch((error: unknown) => {
        if (!NO_SUCH_FILE.has(errorCode(error) ?? '')) throw error;
      });
    }
  }

  /** Nothing else that asks for it is done with the key meanwhile. */
  async alone(bucket: string, key: string, work: () => Promise<void>): Promise<void> {
    const name = `${bucket}/${key}`;
    const mine = (this.#underWay.get(name) ?? Promise.resolve()).catch(() => {}).then(work);
    this.#underWay.set(name, mine);
    try {
      await mine;
    } finally {
      if (this.#underWay.get(name) === mine) this.#underWay.delete(name);
    }
  }

  /** All objects of the bucket in the order of S3: by the bytes of the key. */
  async list(bucket: string): Promise<ListedObject[]> {
    const folder = join(this.#root, bucket);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const objects = await Promise.all(
      files.map(async (file) => {
        const path = join(file.parentPath, file.name);
        const { size, mtime } = await stat(path);
        return { key: keyOfPath(path.slice(folder.length + 1)), size, modified: mtime };
      }),
    );
    return objects.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  async #replace(path: string, contents: Buffer): Promise<void> {
    const draft = join(this.#root, DRAFTS_FOLDER, randomUUID());
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(draft, contents);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async #readHeaders(bucket: string, key: string): Promise<ObjectHeaders> {
    try {
      return JSON.parse(await readFile(this.#headersPath(bucket, key), 'utf8'));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return {}; // a file that a person put there
      throw error;
    }
  }

  #bodyPath(bucket: string, key: string): string {
    return join(this.#root, bucket, pathOfKey(key));
  }

  #headersPath(bucket: string, key: string): string {
    return join(this.#root, HEADERS_FOLDER, bucket, `${pathOfKey(key)}.json`);
  }
}

// Names that a file system would read as something else are escaped as in a URL. A segment without
// characters, legal in S3, becomes a lone `%`.
function pathOfKey(key: string): string {
  return key.split('/').map(fileNameOf).join('/');
}

function fileNameOf(segment: string): string {
  if (segment === '') return '%';
  if (segment === '.' || segment === '..') return segment.replaceAll('.', '%2E');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are to be escaped
  return segment.replace(/[%\\\u0000-\u001f]/g, encodeURIComponent);
}

function keyOfPath(path: string): string {
  const segments = path.split('/');
  return segments.map((name) => (name === '%' ? '' : decodeURIComponent(name))).join('/');
}

function isKeyConflict(error: unknown): boolean {
  return ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG'].includes(
    errorCode(error) ?? '',
  );
}
