// I141: the house rules that a program can check: who may import whom, what pure code may not touch, how
// long files and functions may be, and that every invariant has its test.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FILE_LINES_MAX = 300;
/** Lambda's word for what a bundle exports. */
const HANDLER = 'handler';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => /\.(tsx?|mjs)$/.test(name) && !name.endsWith('.d.ts'));

interface Source {
  readonly name: string;
  readonly text: string;
  /** Project files by path from the root, packages by name; `import type` left out. */
  readonly imports: readonly string[];
  /** With `import type`, and what is loaded later. */
  readonly references: readonly string[];
}

const sources: Source[] = files.map((name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const named = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, from = '']) =>
      from.startsWith('.') ? relative(ROOT, join(ROOT, name, '..', from)) : from,
    );
  const imports = named(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)'/gms);
  const references = named(/(?:\bfrom |\bimport\()'([^']+)'/g);
  return { name, text, imports, references };
});

const under = (...folders: string[]) =>
  sources.filter(({ name }) => folders.some((folder) => name.startsWith(`${folder}/`)));

function offenders(where: Source[], isForbidden: (from: string) => boolean): string[] {
  return where.flatMap(({ name, imports }) =>
    imports.filter(isForbidden).map((from) => `${name} imports ${from}`),
  );
}

const isStore = ({ name }: Source) => name.endsWith('-store.ts');
const contexts = under(
  'functions/kafka',
  'functions/operate',
  'functions/orders',
  'functions/outcomes',
);
const isVendor = (from: string) => /^(@aws-sdk\/|postgres$|node:(fs|net|http|process))/.test(from);

test('there is something to check', () => {
  expect(contexts.length).toBeGreaterThan(20);
  expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
});

test('only *-store files talk to a store', () => {
  const others = contexts.filter((source) => !isStore(source));
  expect(offenders(others, isVendor)).toEqual([]);
});

test('outside of handlers and platform nothing reads the clock, chance, the environment or the console', () => {
  const touches = /\bprocess\.|\bconsole\.|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b/;
  const code = (text: string) => text.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const found = contexts.filter(({ text }) => touches.test(code(text))).map(({ name }) => name);
  expect(found).toEqual([]);
});

test('orders and outcomes never import each other; contracts imports nothing', () => {
  const toOutcomes = (from: string) => from.startsWith('functions/outcomes');
  const toOrders = (from: string) => from.startsWith('functions/orders');
  expect(offenders(under('functions/orders'), toOutcomes)).toEqual([]);
  expect(offenders(under('functions/outcomes'), toOrders)).toEqual([]);
  expect(
    offenders(
      under('functions/kafka', 'functions/platform'),
      (from) => toOrders(from) || toOutcomes(from),
    ),
  ).toEqual([]);
  expect(sources.find(({ name }) => name === 'functions/contracts.ts')?.imports).toEqual([]);
});

test('functions import functions alone; the runner and the infrastructure only their contracts', () => {
  const isOutside = (from: string) => /^(local|lib|bin|test|operate|scripts)\//.test(from);
  expect(offenders(under('functions'), isOutside)).toEqual([]);
  const isInside = (from: string) =>
    from.startsWith('functions/') && from !== 'functions/contracts.ts';
  expect(offenders(under('local', 'lib', 'bin', 'scripts'), isInside)).toEqual([]);
});

test('no file imports itself by way of others: not in what runs, in the product not in its types either', () => {
  expect(circles(sources, ({ imports }) => imports)).toEqual([]);
  const product = under('functions', 'lib', 'bin', 'local', 'operate', 'scripts');
  expect(circles(product, ({ references }) => references)).toEqual([]);
});

function circles(where: Source[], reached: (source: Source) => readonly string[]): string[] {
  const byName = new Map(where.map((source) => [source.name, source]));
  const sound = new Set<string>();
  const found: string[] = [];
  function walk(name: string, path: readonly string[]): void {
    if (path.includes(name)) found.push([...path.slice(path.indexOf(name)), name].join(' → '));
    const source = byName.get(name);
    if (!source || sound.has(name) || path.includes(name)) return;
    for (const next of reached(source)) walk(next, [...path, name]);
    sound.add(name);
  }
  for (const { name } of where) walk(name, []);
  return found;
}

test('nothing is exported for tests alone', () => {
  const product = under('functions', 'lib', 'bin', 'local', 'operate', 'scripts', 'console');
  const uses = new Map<string, number>();
  for (const word of product.flatMap(({ text }) => text.match(/\w+/g) ?? [])) {
    uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  const found = product.flatMap(({ name, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
      .filter(([, word = '']) => word !== HANDLER && uses.get(word) === 1)
      .map(([, word]) => `${name}: ${word}`),
  );
  expect(found).toEqual([]);
});

/** The rooms of the runner: each may import itself and those before it. */
const ROOMS = [
  ...['shared', 'http', 'lambda', 'stores', 'stream', 'sample', 'service'],
  ...['replay', 'consume', 'start', 'emulator', 'commands'],
];

test('the runner’s rooms import one way, and each file of it is in one', () => {
  const rooms = new Set(under('local').map(({ name }) => name.split('/')[1]));
  expect([...rooms].sort()).toEqual([...ROOMS].sort());
  for (const [place, room] of ROOMS.entries()) {
    const later = ROOMS.slice(place + 1).map((name) => `local/${name}/`);
    const wrong = under(`local/${room}`).flatMap(({ name, references }) =>
      references
        .filter((from) => later.some((one) => from.startsWith(one)) || /^operate\//.test(from))
        .map((from) => `${name} imports ${from}`),
    );
    expect(wrong).toEqual([]);
  }
});

/** Each folder of the console, and what it may import beside itself. */
const CONSOLE: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: ['lib'],
  state: ['api', 'lib'],
  parts: ['lib', 'state'],
  views: ['api', 'lib', 'parts', 'state'],
};

test('the console’s data flows one way: lib, api, state, parts, views', () => {
  for (const [folder, allowed] of Object.entries(CONSOLE)) {
    const found = under(`console/${folder}`);
    expect(found.length).toBeGreaterThan(2);
    const inside = new RegExp(`^console/(${[folder, ...allowed].join('|')})/`);
    const isForeign = (from: string) =>
      /^(console|functions|lib|local|scripts|node:)/.test(from) && !inside.test(from);
    expect(offenders(found, isForeign)).toEqual([]);
  }
});

test('the console’s lib is pure; api alone asks, state/location alone moves the history', () => {
  const touching = (words: RegExp, ...allowed: string[]) =>
    under('console')
      .filter(({ name, text }) => words.test(text) && !allowed.some((one) => name.startsWith(one)))
      .map(({ name }) => name);
  const dom = /\b(document|window|navigator|localStorage|sessionStorage|Date\.now|new Date\(\))\b/;
  expect(under('console/lib', 'console/api').filter(({ text }) => dom.test(text))).toEqual([]);
  const asks = /(?<![.\w])fetch\(/;
  expect(touching(asks, 'console/api/client.ts', 'console/state/session.ts')).toEqual([]);
  expect(touching(/\bhistory\.\w/, 'console/state/')).toEqual([]);
  expect(touching(/\bsignal\(/, 'console/state/')).toEqual([]);
  expect(touching(/dangerouslySetInnerHTML|innerHTML|\beval\(/)).toEqual([]);
});

test('no function knows on which host it runs', () => {
  const found = under('functions').filter(({ text }) =>
    /isLocal|IS_OFFLINE|LOCALSTACK|stage ===/i.test(text),
  );
  expect(found.map(({ name }) => name)).toEqual([]);
});

test('files are short and named after what they hold', () => {
  const long = sources
    .map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > FILE_LINES_MAX);
  expect(long).toEqual([]);
  const vague = files.filter((name) =>
    /\/(utils?|helpers?|common|manager|misc|types)\.\w+$/.test(name),
  );
  expect(vague).toEqual([]);
});

test('functions are at most 70 lines long', () => {
  const { linter } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  const rule = linter.rules.complexity.noExcessiveLinesPerFunction;
  expect(rule).toEqual({ level: 'error', options: { maxLines: 70 } });
  const biome = join(ROOT, 'node_modules', '.bin', 'biome');
  const only = '--only=complexity/noExcessiveLinesPerFunction';
  execFileSync(biome, ['lint', only, '--error-on-warnings', '.'], { cwd: ROOT, stdio: 'pipe' });
});

test('every invariant is enforced by a test that names it, and every name is an invariant', () => {
  const documented = readFileSync(join(ROOT, 'docs', 'invariants.md'), 'utf8');
  const numbers = (text: string) => new Set(text.match(/\bI\d+\b/g));
  const defined = numbers((documented.match(/^### I\d+/gm) ?? []).join(' '));
  const tested = numbers(
    under('test')
      .filter(({ name }) => name.endsWith('.test.ts'))
      .map(({ text }) => text)
      .join(' '),
  );
  expect([...tested].sort()).toEqual([...defined].sort());
});
