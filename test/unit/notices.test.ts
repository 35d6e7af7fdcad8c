// Each bundle carries the notices of what it holds.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noticesOf, packagesOf } from '../../scripts/notices.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const INPUTS = [
  'functions/handlers/serve-api.ts',
  'node_modules/@middy/core/index.js',
  'node_modules/find-my-way/index.js',
  'node_modules/find-my-way/lib/node.js',
];

test('packages are found by the paths of what was bundled, nested ones too', () => {
  expect(packagesOf([...INPUTS, 'node_modules/a/node_modules/@b/c/d.js'])).toEqual([
    'node_modules/@middy/core',
    'node_modules/a/node_modules/@b/c',
    'node_modules/find-my-way',
  ]);
});

test('each package is named with version and licence, over the text of it', () => {
  const notices = noticesOf(ROOT, INPUTS);
  expect(notices).toMatch(/^@middy\/core [\d.]+ \(MIT\)$/m);
  expect(notices).toMatch(/^find-my-way [\d.]+ \(MIT\)$/m);
  expect(notices.match(/Permission is hereby granted, free of charge/g)?.length).toBeGreaterThan(0);
});
