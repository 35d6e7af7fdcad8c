// npm run replay as a process: the comparison with SQL's answers, and Ctrl-C between two batches.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CAPTURES = join(ROOT, 'test', 'fixtures', 'captures');
const CAPTURE = join(CAPTURES, 'connector-killed.ndjson');
const ANSWERS = join(CAPTURES, 'connector-killed.answers.json');

function spawnReplay(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'local', 'commands', 'replay.ts'), ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = async () => {
    const [status] = await once(child, 'exit');
    const [stdout, stderr] = await outputs;
    return { status, stdout, stderr };
  };
  return { child, ended };
}

test('--answers compares every report with SQL, to the digit, and says what differs', async () => {
  const dataDir = temporaryDirectory();
  const args = [CAPTURE, '--data-dir', dataDir];
  const right = await spawnReplay(...args, '--answers', ANSWERS).ended();
  expect(right, right.stderr).toMatchObject({ status: 0 });
  expect(right.stdout.match(/: equal to SQL, to the digit$/gm)).toHaveLength(5);

  const answers = JSON.parse(readFileSync(ANSWERS, 'utf8'));
  answers.summary.total_revenue = '1.00';
  [answers.customer_metrics[0], answers.customer_metrics[1]] = [
    answers.customer_metrics[1],
    answers.customer_metrics[0],
  ];
  const wrongAnswers = join(dataDir, 'wrong.json');
  writeFileSync(wrongAnswers, JSON.stringify(answers));
  const wrong = await spawnReplay(...args, '--answers', wrongAnswers, '--json').ended();
  expect(wrong.status).toBe(3);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ applied: 0 });
  expect(wrong.stderr).toMatch(
    /summary: 1 differences\n {2}metrics total_revenue: .*, by SQL 1\.00\n/,
  );
  expect(wrong.stderr).toMatch(
    /customer_metrics: 1 differences\n {2}all figures are equal, their order/,
  );

  const none = await spawnReplay(...args, '--answers', CAPTURE).ended();
  expect(none).toMatchObject({ status: 1, stdout: '' });
  expect(none.stderr).toMatch(/holds no answers/);
});

test('I104: Ctrl-C ends a replay between two batches, says how to go on, and the same command does', async () => {
  const dataDir = temporaryDirectory();
  const args = [CAPTURE, '--data-dir', dataDir, '--batch-size', '1'];
  const first = spawnReplay(...args);
  const log = join(dataDir, 'logs', 'aggregate-orders.log');
  const batches = () => {
    try {
      return readFileSync(log, 'utf8').split('\n').length;
    } catch {
      return 0;
    }
  };
  await expect.poll(batches, { timeout: 60_000, interval: 20 }).toBeGreaterThan(5);
  first.child.kill('SIGINT');
  const stopped = await first.ended();
  expect(stopped).toMatchObject({ status: 130, stdout: '' });
  expect(stopped.stderr).toMatch(
    /replay: stopped after \d+ records, each batch whole\. Run the same/,
  );

  const second = await spawnReplay(...args, '--answers', ANSWERS).ended();
  expect(second, second.stderr).toMatchObject({ status: 0 });
  expect(second.stdout).toMatch(/Skipped: applied before, /);
});

test('I104: Ctrl-C ends a replay at any moment of its start with one line at most, also when the build is under way', async () => {
  const dataDir = temporaryDirectory();
  const args = [join(ROOT, 'local', 'commands', 'replay.ts'), CAPTURE, '--data-dir', dataDir];
  for (const ms of [600, 1_000, 1_500]) {
    // A terminal tells its whole group, so esbuild's process, too.
    const child = spawn(process.execPath, args, { detached: true });
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = once(child, 'exit');
    await sleep(ms);
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGINT');
    const [status] = await ended;
    const [, stderr] = await outputs;
    expect([0, 130, null], stderr).toContain(status);
    expect(stderr.split('\n').length, stderr).toBeLessThan(3);
  }
  expect(
    (await spawnReplay(CAPTURE, '--data-dir', dataDir, '--answers', ANSWERS).ended()).status,
  ).toBe(0);
});

test('captures do not come into the directory of the sample, whose orders have the same ids', async () => {
  const dataDir = temporaryDirectory();
  writeFileSync(join(dataDir, 'shop.json'), '{}');
  const { status, stderr } = await spawnReplay(CAPTURE, '--data-dir', dataDir).ended();
  expect(stderr).toBe(
    `replay: ${dataDir} holds the sample shop's orders: choose another with --data-dir.\n`,
  );
  expect(status).toBe(1);
});
