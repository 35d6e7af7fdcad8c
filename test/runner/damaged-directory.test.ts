// I102: a data directory that is damaged, not whole, or of another version is told by its cause, and left as it is.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../local/shared/user-error.ts';
import { AGGREGATES_FORM } from '../../local/stores/data-form.ts';
import { explainLevelFailure } from '../../local/stores/level-files.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { temporaryDirectory } from './temporary-directory.ts';

async function open(dataDir: string): Promise<Stores> {
  const stores = await openStores(dataDir, { command: 'replay', env: {} });
  onTestFinished(() => stores.close().catch(() => {}));
  return stores;
}

const DAMAGES: readonly [string, (dataDir: string) => void, RegExp][] = [
  [
    'a file for the folder of DynamoDB',
    (dir) => writeFileSync(join(dir, 'dynamodb'), ''),
    /a file stands where a folder/,
  ],
  [
    'a file for the folder of S3',
    (dir) => writeFileSync(join(dir, 's3'), ''),
    /a file stands where a folder/,
  ],
  [
    'a runner.json that is not JSON',
    (dir) => writeFileSync(join(dir, 'runner.json'), '{'),
    /runner\.json is damaged/,
  ],
  [
    'a runner.json of other content',
    (dir) => writeFileSync(join(dir, 'runner.json'), '[]'),
    /runner\.json is damaged/,
  ],
  [
    'a database without its files',
    (dir) => {
      mkdirSync(join(dir, 'dynamodb'));
      writeFileSync(join(dir, 'dynamodb', 'CURRENT'), 'MANIFEST-000007\n');
      const form = { aggregates: AGGREGATES_FORM, tables: [] };
      writeFileSync(join(dir, 'form.json'), JSON.stringify(form));
    },
    /The DynamoDB files in .* are not whole: MANIFEST-000007 is missing/,
  ],
  [
    'a note of its form that is not one',
    (dir) => writeFileSync(join(dir, 'form.json'), '{"aggregates":"new"}'),
    /form\.json is damaged/,
  ],
  [
    'aggregates of a newer version of the service',
    (dir) => writeFileSync(join(dir, 'form.json'), '{"aggregates":99,"tables":[]}'),
    /holds aggregates of form 99, and this version of the service is older/,
  ],
  [
    'aggregates of an older version of the service',
    (dir) => writeFileSync(join(dir, 'form.json'), '{"aggregates":0,"tables":[]}'),
    /holds aggregates of form 0, .* writes form \d+\. Nothing was changed\./,
  ],
];

test.each(DAMAGES)(
  '%s is an error of one line that names the path',
  async (_what, damage, reason) => {
    const dataDir = temporaryDirectory();
    damage(dataDir);
    const error = await open(dataDir).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).toMatch(reason);
    expect(message).toContain(dataDir);
    expect(message).not.toContain('\n');
    expect(message).not.toMatch(/delete the data directory/);
  },
);

test.each([/^CURRENT$/, /^MANIFEST-/, /\.log$/])(
  'a store of which %s is missing is not opened as if it were whole',
  async (pattern) => {
    const dataDir = temporaryDirectory();
    const stores = await open(dataDir);

    await stores.close();
    const folder = join(dataDir, 'dynamodb');
    const names = readdirSync(folder).filter((name) => pattern.test(name));
    for (const name of names) rmSync(join(folder, name));
    const left = readdirSync(folder);
    await expect(open(dataDir)).rejects.toThrow(
      /are not whole: .* is missing. Nothing was changed/,
    );
    expect(readdirSync(folder)).toEqual(left);
  },
);

test('a table that was there and is gone is not made anew, nor is a whole folder', async () => {
  const dataDir = temporaryDirectory();
  const stores = await open(dataDir);
  await stores.dynamodb.send(new DeleteTableCommand({ TableName: stores.table }));
  await stores.close();
  await expect(open(dataDir)).rejects.toThrow(/The table .* is gone: .* Nothing was changed/);
  rmSync(join(dataDir, 'dynamodb'), { recursive: true });
  await expect(open(dataDir)).rejects.toThrow(/The table .* is gone/);
});

test('a command that makes nothing new makes no folder either', async () => {
  const typo = join(temporaryDirectory(), 'typo');
  const options = { command: 'report', env: {}, mustExist: true };
  await expect(openStores(typo, options)).rejects.toThrow(/typo is no data directory/);
  expect(existsSync(typo)).toBe(false);
});

test.each([
  ['LEVEL_IO_ERROR', 'IO error: /d/000005.log: No space left on device', /the disk is full/],
  ['LEVEL_IO_ERROR', 'IO error: /d/LOCK: Read-only file system', /file system is read-only/],
  ['LEVEL_IO_ERROR', 'IO error: /d/LOCK: Permission denied', /permission denied/],
  ['LEVEL_CORRUPTION', 'Corruption: 1 missing files; e.g.: /d/000007.ldb', /are damaged \(Corr/],
  ['', 'Maximum call stack size exceeded', /ended \(Maximum .*\)\. Its files are as they were/],
])('LevelDB\'s %s "%s" is told by its cause', (code, message, expected) => {
  const told = explainLevelFailure(code, message, '/d').message;
  expect(told).toMatch(expected);
  expect(/damaged/.test(told)).toBe(code === 'LEVEL_CORRUPTION');
});

test('a file for the data directory itself is such an error too', async () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, '');
  await expect(open(path)).rejects.toThrow(/a file stands where a folder should be/);
});
