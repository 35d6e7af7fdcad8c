// What the functions and the consumer said they did, added up over all of their lives. The very last lines of
// a life that was killed are missing, so these are figures for the eye.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const COUNTS = ['records', 'applied', 'skipped', 'quarantined'] as const;

export type LoggedCounts = Record<(typeof COUNTS)[number], number>;

export function loggedCounts(dataDir: string, functionName: string): LoggedCounts {
  const total = { records: 0, applied: 0, skipped: 0, quarantined: 0 };
  const file = join(dataDir, 'logs', `${functionName}.log`);
  for (const path of [`${file}.1`, file].filter(existsSync)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const logged = parse(line);
      if (logged.message !== 'batch') continue;
      for (const name of COUNTS) total[name] += Number(logged[name]);
    }
  }
  return total;
}

/** The records of batches that failed, each time they did: they were handed over again. */
export function recordsOfFailedBatches(consumeLog: string): number {
  const failures = readFileSync(consumeLog, 'utf8').matchAll(
    / failed on (\d+) records .*; again in /g,
  );
  return [...failures].reduce((total, [, records]) => total + Number(records), 0);
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {}; // half a line of a life that was killed
  }
}
