// `npm run release`: a template that names nothing but one bucket, every archive that it names, each of them whole.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { zip } from '../../scripts/zip.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const OUT = join(ROOT, 'cdk.out', `release-${process.env.VITEST_POOL_ID ?? 0}`);
const BUCKET = 'shop-artifacts';

function release(...args: string[]) {
  const script = join(ROOT, 'scripts', 'release.ts');
  return spawnSync(process.execPath, [script, '--out', relative(ROOT, OUT), ...args], {
    encoding: 'utf8',
  });
}

let told = '';

beforeAll(() => {
  const settings = `${OUT}.json`;
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, '{ "stackName": "shop", "apiAuth": "none", "console": true }');
  const { status, stdout, stderr } = release(
    ...['--bucket', BUCKET, '--prefix', 'analytics/1.0/', '--settings-file', settings],
  );
  expect([status, stderr]).toEqual([0, expect.stringMatching(/template\.json names them/)]);
  told = stdout;
}, 120_000);
afterAll(() => {
  for (const path of [OUT, `${OUT}.json`]) rmSync(path, { recursive: true, force: true });
});

test('the template names archives of the one bucket alone, and all of them are there', () => {
  const template = readFileSync(join(OUT, 'template.json'), 'utf8');
  expect(template).not.toMatch(/hnb659fds|BootstrapVersion/);
  const { Resources } = JSON.parse(template) as {
    Resources: Record<string, { Type: string; Properties?: { Code?: unknown } }>;
  };
  const codes = Object.values(Resources).flatMap(({ Properties }) => Properties?.Code ?? []) as {
    S3Bucket?: string;
    S3Key?: string;
  }[];
  expect(codes.length).toBeGreaterThan(FUNCTIONS.length);
  const named = codes.filter(({ S3Key }) => S3Key);
  expect(new Set(named.map(({ S3Bucket }) => S3Bucket))).toEqual(new Set([BUCKET]));
  const keys = readdirSync(join(OUT, 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(join(OUT, 'objects'), join(parentPath, name)));
  expect(keys).toEqual(expect.arrayContaining(named.map(({ S3Key }) => S3Key)));
  for (const key of keys) expect(key).toMatch(/^analytics\/1\.0\//);
  // What the console's upload copies is named elsewhere in the template.
  expect(keys.filter((key) => !template.includes(key))).toEqual([]);
  expect(told.trim().split('\n')).toEqual(keys.sort().map((key) => `s3://${BUCKET}/${key}`));
});

test('the archive of a function holds its bundle, byte for byte', () => {
  const { Resources } = JSON.parse(readFileSync(join(OUT, 'template.json'), 'utf8'));
  for (const name of FUNCTIONS) {
    const found = Object.values<{
      Properties?: { FunctionName?: string; Code: { S3Key: string } };
    }>(Resources).find(({ Properties }) => Properties?.FunctionName === `shop-${name}`);
    const files = unzip(readFileSync(join(OUT, 'objects', found?.Properties?.Code.S3Key ?? '')));
    const folder = join(ROOT, 'dist', name);
    expect([...files.keys()].sort()).toEqual(readdirSync(folder).sort());
    for (const [file, contents] of files)
      expect(contents.equals(readFileSync(join(folder, file)))).toBe(true);
  }
});

test('the same files are the same archive, in whatever order they come', () => {
  const files = ['b.txt', 'a/ä.txt'].map((name) => ({
    name,
    contents: Buffer.from(name.repeat(99)),
  }));
  expect(zip(files)).toEqual(zip(files.toReversed()));
  expect([...unzip(zip(files))]).toEqual(
    files.toReversed().map(({ name, contents }) => [name, contents]),
  );
  expect(unzip(zip([])).size).toBe(0);
});

test('what is wrong is told in one line', () => {
  expect(release('--bucket', 'Not A Bucket').stderr).toBe(
    'release: --bucket is "Not A Bucket": no name of a bucket.\n',
  );
  expect(release().stderr).toMatch(/^release: .*--bucket <name>.*\n$/);
  const missing = release('--bucket', BUCKET, '--settings-file', 'missing.json').stderr;
  expect(missing).toMatch(
    /^release: Setting settingsFile is "missing\.json", which cannot be read.*\n$/,
  );
});

/** By the directory at the end, as every reader does it. */
function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [crc, deflated, length] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const contents = inflateRawSync(archive.subarray(start, start + (deflated ?? 0)));
    expect([contents.length, crc32(contents)]).toEqual([length, crc]);
    expect(archive.toString('utf8', local + 30, local + 30 + nameLength)).toBe(name);
    files.set(name, contents);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}
