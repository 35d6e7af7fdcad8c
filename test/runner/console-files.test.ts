// The console as the runner serves it: a closed table, each file with what a browser must be told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../console/headers.ts';
import { openConsoleFiles } from '../../local/start/console-files.ts';
import { buildConsole } from '../../scripts/console-bundle.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('every file that the page names is there, and nothing else but its settings', async () => {
  const files = await openConsoleFiles();
  const page = Buffer.from(files.get('/')?.contents ?? []).toString();
  const named = [...page.matchAll(/(?:href|src)="([\w.-]+)"/g)].map(([, name]) => `/${name}`);
  expect(named).toHaveLength(4);
  for (const name of named) expect(files.has(name), name).toBe(true);
  const chunks = [...files.keys()].filter((name) => /^\/(?!main-)[\w-]+\.js$/.test(name));
  expect(files.size).toBe(named.length + chunks.length + 2);
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|https?:/);
});

test('each is told with its policy; a name that holds a hash may be kept for ever', async () => {
  for (const [path, { headers, contents }] of await openConsoleFiles()) {
    const isNamed = /-[A-Z0-9]{8}\.\w+$/.test(path);
    expect(headers, path).toMatchObject({
      'content-security-policy': contentSecurityPolicy(),
      'x-content-type-options': 'nosniff',
      'content-length': contents.length,
      'cache-control': isNamed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  }
  expect(contentSecurityPolicy()).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  );
  expect(contentSecurityPolicy('https://a.b')).toContain("connect-src 'self' https://a.b;");
});

test('the first load stays small, and does without what only signing in needs', async () => {
  const { files, firstLoadBytes } = await buildConsole();
  expect(firstLoadBytes).toBeGreaterThan(10_000);
  expect(firstLoadBytes).toBeLessThan(45_000);
  for (const page of ['README.md', 'docs/console.md']) {
    const [, said] =
      /(\d+) KB (?:that asks|compressed)/.exec(readFileSync(join(ROOT, page), 'utf8')) ?? [];
    expect(Math.abs(Number(said) - firstLoadBytes / 1_000), page).toBeLessThan(2);
  }
  const main = files.find(({ name }) => /^main-.*\.js$/.test(name));
  expect(Buffer.from(main?.contents ?? []).toString()).not.toContain('code_challenge');
});
