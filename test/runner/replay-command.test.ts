// npm run replay as a process: the comparison with SQL's answers, and Ctrl-C between two batches.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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
