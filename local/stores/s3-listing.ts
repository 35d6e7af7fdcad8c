// ListObjectsV2: which keys one page holds, and S3's XML. Pure.
import type { ListedObject } from './object-files.ts';

const PAGE_KEYS_MAX = 1000;

export interface Listing {
  readonly prefix: string;
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page starts; absent on the last one. */
  readonly next: string | undefined;
}

/** @param objects all of the bucket, in key order. */
export function readListing(objects: readonly ListedObject[], query: URLSearchParams): Listing {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token ? Buffer.from(token, 'base64url').toString() : query.get('start-after');
  const pageSize = Math.min(readMaxKeys(query), PAGE_KEYS_MAX);

  const page = new Map<string, ListedObject | 'prefix'>();
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = cut < 0 ? object.key : object.key.slice(0, cut + delimiter.length);
    if (page.has(name) || (after && isAtOrBefore(name, after))) continue;
    if (page.size === pageSize) return toListing(prefix, page, [...page.keys()].at(-1));
    page.set(name, cut < 0 ? object : 'prefix');
  }
  return toListing(prefix, page, undefined);
}

/** @throws {RangeError} */
function readMaxKeys(query: URLSearchParams): number {
  const text = query.get('max-keys') ?? String(PAGE_KEYS_MAX);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`max-keys must be a whole number, not "${text}".`);
}

function isAtOrBefore(name: string, after: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0;
}

function toListing(
  prefix: string,
  page: ReadonlyMap<string, ListedObject | 'prefix'>,
  last: string | undefined,
): Listing {
  return {
    prefix,
    objects: [...page.values()].filter((entry) => entry !== 'prefix'),
    commonPrefixes: [...page].flatMap(([name, entry]) => (entry === 'prefix' ? [name] : [])),
    next: last === undefined ? undefined : Buffer.from(last).toString('base64url'),
  };
}

export function listObjectsXml(bucket: string, listing: Listing): string {
  const { prefix, objects, commonPrefixes, next } = listing;
  const entries = objects.map(
    ({ key, size, modified }) =>
      `<Contents>${tag('Key', key)}${tag('LastModified', modified.toISOString())}` +
      `${tag('Size', size)}${tag('StorageClass', 'STANDARD')}</Contents>`,
  );
  const folders = commonPrefixes.map(
    (name) => `<CommonPrefixes>${tag('Prefix', name)}</CommonPrefixes>`,
  );
  return document(
    'ListBucketResult',
    tag('Name', bucket),
    tag('Prefix', prefix),
    tag('KeyCount', objects.length + commonPrefixes.length),
    tag('IsTruncated', next !== undefined),
    next === undefined ? '' : tag('NextContinuationToken', next),
    ...entries,
    ...folders,
  );
}

export function listBucketsXml(buckets: readonly string[]): string {
  const entries = buckets.map((name) => `<Bucket>${tag('Name', name)}</Bucket>`);
  return document('ListAllMyBucketsResult', `<Buckets>${entries.join('')}</Buckets>`);
}

export function errorXml(code: string, message: string): string {
  return document('Error', tag('Code', code), tag('Message', message));
}

function document(root: string, ...parts: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${parts.join('')}</${root}>`;
}

function tag(name: string, value: string | number | boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no plain form for them
  const escaped = String(value).replace(/[<>&"\u0000-\u001f]/g, (c) => `&#${c.charCodeAt(0)};`);
  return `<${name}>${escaped}</${name}>`;
}
