// I105: every setting of the functions is in the table of docs/settings.md, and acts in the runner as in the stack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { awsSettings, databaseSettings, functionEnvironment } from '../../local/shared/settings.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SETTINGS = readFileSync(join(ROOT, 'docs', 'settings.md'), 'utf8');
const names = Object.values(ENV);
const isOfDatabase = (name: string) => name.startsWith('DB_');
const endpoints = { dynamodb: 'http://127.0.0.1:1', s3: 'http://127.0.0.1:2' };

test.each(names)('%s is in the table of settings', (name) => {
  const rows = SETTINGS.split('\n').filter((line) => line.startsWith('| `'));
  expect(
    rows.filter((line) => line.includes(`\`${name}\``) || line.includes(`\`${name}=`)),
  ).toHaveLength(1);
});

test.each(names.filter((name) => !isOfDatabase(name)))('%s reaches the functions', (name) => {
  expect(functionEnvironment({ [name]: 'as set' }, endpoints)).toMatchObject({ [name]: 'as set' });
  expect(awsSettings({ [name]: 'as set' })).toMatchObject({ [name]: 'as set' });
});

test.each(names.filter(isOfDatabase))('%s says which database is meant', (name) => {
  expect(databaseSettings({ [name]: 'as set' })).toEqual({ [name]: 'as set' });
});
