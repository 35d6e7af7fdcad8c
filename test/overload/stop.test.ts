// I34, the stop: SIGTERM while batches are under way, as a deployment or an operator sends it. The service ends
// with 0, and the next start goes on exactly where this one stood.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { REPORTS, reportKey } from '../../functions/contracts.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { seeds } from '../support/random.ts';
import { fillTopics, openTopics, reportsOf, undisturbed, withoutMoment } from './order-stream.ts';

const START = join(import.meta.dirname, '..', '..', 'local', 'commands', 'start.ts');
/** More of each topic than one invocation gets. */
const RECORDS = 36_000;

interface Status {
  readonly records: number;
  readonly lag: number;
  readonly quarantined: number;
}

interface Service {
  /** What it told last, about a second ago: at first, what the one before it told. */
  status(): Promise<Status | null>;
  /** SIGTERM; answers how it ended. */
  stop(): Promise<unknown[]>;
}

async function start(dataDir: string): Promise<Service> {
  // The service takes this port and the three after it.
  const [port = 0] = await findFreePorts(4);
  const args = [START, '--port', String(port), '--data-dir', dataDir, '--no-sample'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    async status() {
      const url = `http://127.0.0.1:${port}/api/pipeline/`;
      const answer = await fetch(url).catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as { host: Status | null }).host : null;
    },
    stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const patience = { timeout: 60_000, interval: 20 };

test.for(seeds(1))('SIGTERM in mid-stream: 0, and on from there, seed %i', async (seed) => {
  const dataDir = temporaryDirectory();
  const topics = await openTopics(dataDir);
  fillTopics(topics, RECORDS, seed);
  const total = topics.lag();
  const expected = new MemoryTable();
  await undisturbed(topics, expected);

  const first = await start(dataDir);
  // Sooner than it tells: it is to be stopped while there is something left.
  await expect.poll(() => existsSync(join(dataDir, 'positions.json')), patience).toBe(true);
  expect(await first.stop()).toEqual([0, null]);
  const left = (await openTopics(dataDir)).lag();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(total);

  const second = await start(dataDir);
  await expect
    .poll(second.status, patience)
    .toMatchObject({ lag: 0, records: left, quarantined: 0 });
  expect(await second.stop()).toEqual([0, null]);
  expect(readReports(dataDir)).toEqual(await reportsOf(expected));
});

/** As the last run wrote them, but for the moment. */
function readReports(dataDir: string): string[] {
  return REPORTS.map(({ name }) => {
    const file = join(dataDir, 's3', 'analytics-local', reportKey('analytics', name, 'latest'));
    return withoutMoment(readFileSync(file, 'utf8'));
  });
}
