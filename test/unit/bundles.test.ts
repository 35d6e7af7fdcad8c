// I89: what a start reads is small, and an error still names our own line.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { buildFunctions } from '../../scripts/bundle.ts';
import { buildConsole } from '../../scripts/console-bundle.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const START_KIB_MAX = 460;
/** It speaks to every store, and whoever starts it waits for an audit. */
const OPERATOR_START_KIB_MAX = 640;

test('a start reads few bytes, and no bundle carries what is in none', async () => {
  const bundles = await buildFunctions();
  expect(bundles.length).toBe(FUNCTIONS.length);
  for (const { file, startBytes, bytes } of bundles) {
    const most = file.includes('operate-stores') ? OPERATOR_START_KIB_MAX : START_KIB_MAX;
    expect(startBytes / 1_024, file).toBeLessThan(most);
    expect(startBytes, file).toBeLessThan(bytes);
  }
  for (const name of FUNCTIONS) {
    const folder = join(DIST, name);
    const map = JSON.parse(readFileSync(join(folder, 'index.mjs.map'), 'utf8'));
    expect(map.sources.filter((source: string) => source.includes('node_modules'))).toEqual([]);
    // A part that nothing names is one of an earlier build.
    const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    expect(files.filter((file) => file !== 'index.mjs' && !texts.includes(file))).toEqual([]);
  }
});

test('functions and console carry the text of each licence, and docs/licences.md names all of them', async () => {
  const { files } = await buildConsole();
  const inConsole = files.find(({ name }) => /^notices-[A-Z0-9]{8}\.txt$/.test(name));
  const page = readFileSync(join(DIST, '..', 'docs', 'licences.md'), 'utf8');
  const texts = FUNCTIONS.map((name) => readFileSync(join(DIST, name, 'NOTICES.txt'), 'utf8'));
  for (const text of [...texts, Buffer.from(inConsole?.contents ?? []).toString()]) {
    const parts = text.split(/^={80}$/m).slice(1);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      const licences = [...part.matchAll(/^(?:@[\w.-]+\/)?[\w.-]+ [\d.]+ \((.+)\)$/gm)];
      expect(licences.length, part.slice(0, 200)).toBeGreaterThan(0);
      for (const [, licence = ''] of licences) expect(page).toContain(licence);
      expect(part).toMatch(/AS IS|NO WARRANTY|WITHOUT WARRANT/);
    }
  }
});

test('the stack of an error names the file and line of the source', () => {
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', join(DIST, 'serve-api', 'index.mjs')],
    { env: { PATH: process.env.PATH, AWS_REGION: 'us-east-1' }, encoding: 'utf8' },
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/SettingError\b.*: The environment variable S3_BUCKET is not set\./);
  expect(stderr).toMatch(/functions\/platform\/settings\.ts:\d+:\d+/);
  expect(stderr).toMatch(/functions\/handlers\/serve-api\.ts:\d+:\d+/);
});
