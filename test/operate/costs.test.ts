// `npm run costs`: its tables are those of the documents, its sums are its amounts × its prices, and a wall is told when it
// is passed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTEXT_KEYS, contextSchema } from '../../lib/settings/context-keys.ts';
import {
  DEFAULT_LOAD,
  flowOf,
  loadOf,
  partitionCapacity,
  partitionsFor,
} from '../../operate/costs/load.ts';
import { MEASURED, measuredTable, ofBatch, ofMerge } from '../../operate/costs/measured.ts';
import { dollarsOf, partsOf } from '../../operate/costs/parts.ts';
import { tablesOf } from '../../operate/costs/tables.ts';
import { wallsOf } from '../../operate/costs/walls.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

describe('the documents', () => {
  const deployment = read('docs', 'deploy.md');
  const performance = read('docs', 'performance.md');

  test.for(tablesOf())(
    'a table of docs/deploy.md is as npm run costs -- --tables prints it: %#',
    (table) => {
      expect(deployment).toContain(table);
    },
  );

  test('the measured figures are those of docs/performance.md', () => {
    expect(performance).toContain(measuredTable());
    expect(performance).toContain(`${MEASURED.eventProcessorUs} µs`);
  });

  test('a load without options is the stack without settings', () => {
    const { batchSize, batchWindow, flushInterval, pollers, cluster, topicPartitions } =
      contextSchema.parse({});
    expect(DEFAULT_LOAD).toMatchObject({ batchSize, batchWindow, flushInterval, pollers });
    expect(cluster ?? 'serverless').toBe(DEFAULT_LOAD.cluster);
    expect(loadOf({ events: 1 }).partitions).toBe(topicPartitions);
  });

  test('what moves a wall is a setting, or said in words', () => {
    const named = wallsOf(loadOf({ events: 1 })).flatMap(({ setting }) =>
      [...setting.matchAll(/`(\w+)/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !CONTEXT_KEYS.some((key) => key === name))).toEqual([]);
  });
});

describe('the figures', () => {
  test('backups of AWS Backup are a part where some are kept, each of the table a whole one', () => {
    const partOf = (backups: number) =>
      partsOf(loadOf({ events: 100, backups })).find(({ name }) => name === 'AWS Backup');
    expect(partOf(0)).toBe(undefined);
    const [one, many] = [1, 90].map((backups) => partOf(backups)?.terms[0]?.amount ?? 0);
    expect(one).toBeGreaterThan(100);
    expect(many).toBeCloseTo(90 * (one ?? 0));
  });

  test('a measured point is itself, between two lies what is between, beyond it goes on', () => {
    const { writes } = ofBatch(1);
    expect(ofBatch(0.5).writes).toBe(writes);
    const [one, some, many] = [1, 100, 1_667].map((together) => ofBatch(together).writes);
    expect(some).toBeLessThan(one ?? 0);
    expect(some).toBeGreaterThan(many ?? 0);
    expect(ofMerge(3_000_000).writes).toBeGreaterThan(ofMerge(300_000).writes);
    expect(ofBatch(10_000).writes).toBe(ofBatch(1_667).writes);
  });

  test('a longer window makes larger batches, which cost less', () => {
    const writes = (batchWindow: number) =>
      partsOf(loadOf({ events: 100, batchWindow })).find(({ name }) => /writes/.test(name));
    const [now, later] = [1, 10].map((window) =>
      dollarsOf(writes(window) ?? { name: '', terms: [] }),
    );
    expect(later).toBeLessThan((now ?? 0) / 2);
  });

  test('provisioned pollers cost a unit of four at least, which is 135 dollars, and save two endpoints', () => {
    const of = (pollers: 'on-demand' | 'provisioned', part: RegExp) => {
      const found = partsOf(loadOf({ events: 1, pollers })).find(({ name }) => part.test(name));
      return found ? dollarsOf(found) : Number.NaN;
    };
    expect(of('provisioned', /pollers/)).toBeCloseTo(730 * 0.185);
    expect(of('on-demand', /pollers/)).toBe(0);
    expect(of('on-demand', /endpoints/) - of('provisioned', /endpoints/)).toBeCloseTo(
      2 * 3 * 730 * 0.01,
      1,
    );
  });

  test('so many partitions carry the events, and one fewer does not', () => {
    const events = 100_000;
    const partitions = partitionsFor(events, 1_000);
    const busiest = (count: number) => (events * MEASURED.busierTopicShare) / count;
    expect(busiest(partitions) * (4 / 3)).toBeLessThanOrEqual(partitionCapacity(1_000));
    expect(busiest(partitions - 1) * (4 / 3)).toBeGreaterThan(partitionCapacity(1_000));
    const wall = (count: number) =>
      wallsOf(loadOf({ events, partitions: count })).find(({ name }) => name === 'one partition');
    expect(wall(4)?.need).toBeGreaterThan(wall(4)?.limit ?? 0);
    expect(wall(partitions)?.need).toBeLessThan(wall(partitions)?.limit ?? 0);
  });

  test('no batch is larger than batchSize or smaller than one event', () => {
    expect(flowOf(loadOf({ events: 1 })).together).toBe(1);
    expect(flowOf(loadOf({ events: 1_000_000, partitions: 1 })).together).toBe(1_000);
  });
});

describe('the command', () => {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [join(ROOT, 'operate', 'costs.ts'), ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });

  test('it tells the parts with their arithmetic, their sum and the walls', () => {
    const text = run('--events', '100000', '--partitions', '4');
    expect(text).toMatch(/hours of t4g\.medium × 0\.065/);
    expect(text).toMatch(/together, US dollars a month/);
    expect(text).toMatch(/BEYOND {2}one partition: 15,000 of/);
    const { load, parts, walls } = JSON.parse(run('--events', '7', '--json'));
    expect(load.events).toBe(7);
    expect(parts.length).toBeGreaterThan(10);
    expect(walls.length).toBeGreaterThan(8);
  });

  test('a number that is none is refused in one line', () => {
    expect(() => run('--events', 'many')).toThrow(/--events must be a whole number from 1/);
    expect(() => run('--cluster', 'kafka')).toThrow(/serverless, provisioned, existing/);
  });
});
