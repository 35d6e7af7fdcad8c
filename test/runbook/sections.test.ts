// I133: each section of the runbook names the test that executes its remedy, or says why none can; each test of a
// remedy is named by its sections. That the sections are those of the alarms: test/synth/monitoring.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNBOOK = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
const OWN = 'test/runbook/';
/** What a remedy takes away, and what may be said of it. */
const TAKES_AWAY = /\b(?:delete|deletes|drop|drops|empty|end) (?:them|it|whole|the|all|the old)\b/i;
const SAYS_WHAT = /\b(?:lost|loses|nowhere else|no way back|rolled back|rolls it back)\b/;

interface Section {
  readonly heading: string;
  readonly text: string;
  readonly tests: readonly string[];
  readonly reason: string | undefined;
}

const sections: Section[] = RUNBOOK.split(/^### /m)
  .slice(1)
  .map((section) => {
    const [heading = '', ...lines] = section.split(/^## /m)[0]?.split('\n') ?? [];
    const text = lines.join('\n');
    const executed = /^Executed by (.+)$/m.exec(text)?.[1] ?? '';
    const [, reason] = /^Not executed by a test: (.+)$/m.exec(text) ?? [];
    const tests = [...executed.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(
      ([, one = '']) => one,
    );
    return { heading, text, tests, reason };
  });

const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** The headings before the colon of each test's name. */
function headingsIn(file: string): string[] {
  const names = [...textOf(file).matchAll(/^(?:test|\]\))\(\s*(['"])(.+?)\1,/gm)];
  expect(names.length).toBeGreaterThan(0);
  return names.flatMap(([, , name = '']) => name.slice(0, name.indexOf(':')).split('; '));
}

test('there are as many sections as there were', () => {
  expect(sections.length).toBeGreaterThan(30);
});

test.for(sections)('$heading: its test, or the reason why there is none', (section) => {
  const { heading, tests, reason } = section;
  expect([tests.length > 0, reason !== undefined].filter(Boolean)).toHaveLength(1);
  if (reason) expect(reason.length).toBeGreaterThan(30);
  for (const file of tests) {
    const isOwn = file.startsWith(OWN);
    if (isOwn) expect(headingsIn(file)).toContain(heading);
    else if (file === tests[0]) expect(textOf(file)).toContain(heading);
  }
});

test('a test of a remedy begins with headings whose sections name it', () => {
  const files = readdirSync(join(ROOT, OWN)).filter((file) => file.endsWith('.test.ts'));
  const others = files.filter((file) => file !== basename(import.meta.filename));
  expect(others.length).toBeGreaterThan(2);
  for (const file of others.map((name) => OWN + name)) {
    for (const heading of headingsIn(file)) {
      const section = sections.find((one) => one.heading === heading);
      expect(section?.tests, `${file}: ${heading}`).toContain(file);
    }
  }
});

test('what takes something away says what is lost', () => {
  const taking = sections.filter(({ text }) => TAKES_AWAY.test(text));
  expect(taking.length).toBeGreaterThan(3);
  expect(taking.filter(({ text }) => !SAYS_WHAT.test(text)).map(({ heading }) => heading)).toEqual(
    [],
  );
});
