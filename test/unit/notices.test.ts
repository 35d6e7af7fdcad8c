// Each bundle carries the notices of what it holds.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noticesOf } from '../../scripts/notices.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TITLE = /^(?:@[\w.-]+\/)?[\w.-]+ [\d.]+ \((.+)\)$/gm;

const outputsOf = (...inputs: string[]) => ({
  'index.mjs': { inputs: Object.fromEntries(inputs.map((input) => [input, {}])) },
});

test('each package is named once with version and licence, over the text of it', () => {
  const notices = noticesOf(
    ROOT,
    outputsOf(
      'functions/handlers/serve-api.ts',
      'node_modules/@middy/core/index.js',
      'node_modules/find-my-way/index.js',
      'node_modules/find-my-way/lib/node.js',
    ),
  );
  const titles = [...notices.matchAll(TITLE)].map(([title]) => title.replace(/ [\d.]+ /, ' '));
  expect(titles).toEqual(['@middy/core (MIT)', 'find-my-way (MIT)']);
  expect(notices.match(/Permission is hereby granted, free of charge/g)?.length).toBeGreaterThan(0);
});

test('a package inside of another is one of its own', () => {
  const inside = outputsOf('node_modules/a/node_modules/@b/c/d.js');
  expect(() => noticesOf(ROOT, inside)).toThrow(/node_modules\/a\/node_modules\/@b\/c\/package/);
});

test('a package that brings no text has that of its licence, with its author', () => {
  const notices = noticesOf(ROOT, outputsOf('node_modules/postgres/src/index.js'));
  expect(notices).toMatch(/^postgres [\d.]+ \(Unlicense\)\n\nBy Rasmus Porsager /m);
  expect(notices).toContain('This is free and unencumbered software');
});
