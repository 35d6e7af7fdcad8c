// compose.yaml: what a laptop runs is pinned, and closed to the network. Needs Docker's client, not its engine;
// without it the file is read as text alone.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

test('every image has a version, and the same one everywhere', () => {
  const images = [...text.matchAll(/^ {4}image: (\S+):(\S+)$/gm)].map(([, name, tag]) => [
    name,
    tag,
  ]);
  expect(images.length).toBe(text.match(/^ {4}image:/gm)?.length);
  expect(images.length).toBeGreaterThan(4);
  for (const [, tag] of images) expect(tag).toMatch(/^\d+\.\d+/);
  const names = new Set(images.map(([name]) => name));
  expect(new Set(images.map((image) => image.join(':'))).size).toBe(names.size);
});

test('every port is open to this machine alone', () => {
  const ports = [...text.matchAll(/^ {4}ports: \['(.*)'\]$/gm)].map(([, port]) => port);
  expect(ports.length).toBe(text.match(/^ {4}ports:/gm)?.length);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test('the files that it mounts are there', () => {
  const mounted = [...text.matchAll(/^ {6}- \.\/(\S+):\/\S+:ro$/gm)].map(([, path = '']) => path);
  expect(mounted.length).toBeGreaterThan(3);
  const inGit = spawnSync('git', ['ls-files', '-co', '--exclude-standard', 'compose'], {
    cwd: ROOT,
  });
  for (const path of mounted) expect(`${inGit.stdout}`).toContain(path);
});

test.runIf(hasCompose)('Docker reads it', () => {
  const args = ['compose', '--profile', 'traffic', 'config', '--quiet'];
  const { status, stderr } = spawnSync('docker', args, { cwd: ROOT, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
