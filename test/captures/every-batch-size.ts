// The test that each batch size runs in a file of its own, so that they run side by side.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answers, expectedReports, onOneLine } from '../../local/replay/answers.ts';
import type { ReplayResult } from '../../local/replay/replay-captures.ts';
import { CAPTURES, useBench } from './replay.ts';

const names = readdirSync(CAPTURES)
  .filter((name) => name.endsWith('.ndjson'))
  .map((name) => name.slice(0, -'.ndjson'.length));

export function readAnswers(name: string): Answers {
  return JSON.parse(readFileSync(join(CAPTURES, `${name}.answers.json`), 'utf8'));
}

/** All five documents, to the digit and in rank order. */
export function expectReports({ reports }: Pick<ReplayResult, 'reports'>, answers: Answers): void {
  const [generatedAt = ''] = /(?<="generated_at": ")[^"]+/.exec(reports.get('summary') ?? '') ?? [];
  const written = [...reports].map(([name, text]) => [name, onOneLine(text)]);
  expect(Object.fromEntries(written)).toEqual(expectedReports(answers, generatedAt));
}

export function testEveryCapture(batchSizes: readonly number[]): void {
  const bench = useBench();
  test('there are captures', () => expect(names).not.toEqual([]));

  const cases = names.flatMap((name) => batchSizes.map((size) => [name, size] as const));
  test.for(cases)('%s in batches of %i', async ([name, batchSize]) => {
    const file = join(CAPTURES, `${name}.ndjson`);
    const answers = readAnswers(name);
    const first = await bench.replay(file, batchSize, answers.settings);
    expect(first.counts).toMatchObject({ records: answers.records, quarantined: 0 });
    expect(first.counts.applied).toBeGreaterThan(0);
    expectReports(first, answers);
    const again = await bench.replay(file, batchSize, answers.settings);
    expect(again.counts).toMatchObject({ records: answers.records, applied: 0, quarantined: 0 });
    expectReports(again, answers);
    expect(await bench.audit()).toEqual([]);
  });
}
