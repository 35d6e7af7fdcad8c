// I140: what the documentation names is there: files, links and their headings, npm scripts, words of the glossary.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '' && existsSync(join(ROOT, name)));
/** The log says what was, under the names of its time. */
const pages = files
  .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

/** By the build alone. */
const BUILT = 'index.mjs';

const textOf = (page: string) => pages.find(({ name }) => name === page)?.text ?? '';

test('each source file that a page names is there, whole or by its end', () => {
  const wrong = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/`([\w@*./-]+\.(?:tsx?|mjs|sql|py))`/g)]
      .map(([, file = '']) => file)
      .filter((file) => file !== BUILT)
      .filter((file) => !files.some((one) => endsWith(one, file)))
      .map((file) => `${name}: ${file}`),
  );
  expect(wrong).toEqual([]);
});

function endsWith(file: string, pattern: string): boolean {
  const text = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  return new RegExp(`(?:^|/)${text}$`).test(file);
}

test('each function that "One order, file by file" names stands in its file', () => {
  const rows = [...textOf('docs/architecture.md').matchAll(/^\| `([^`]+\.ts)` \| `(\w+)` \|/gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, file = '', name = ''] of rows) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(source, file).toMatch(
      new RegExp(`^ *(?:export )?(?:async )?(?:function |const )?${name}\\b`, 'm'),
    );
  }
});

test('each link leads to a page that is there, and to a heading of it', () => {
  const wrong = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(name, target))
      .map((target) => `${name}: ${target}`),
  );
  expect(wrong).toEqual([]);
});

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const page = path === '' ? from : join(from, '..', path);
  if (!existsSync(join(ROOT, page))) return false;
  if (anchor === undefined) return true;
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.some((heading) => anchorOf(heading) === anchor);
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

test('README counts the captures as they are', () => {
  const captures = files.filter((name) => /^test\/fixtures\/captures\/[^/]+\.ndjson$/.test(name));
  expect(textOf('README.md')).toContain(`in ${captures.length} encodings and situations`);
});

test('each npm script that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:]*)/g)].map(
      ([, script = '']) => `${name}: ${script}`,
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((one) => scripts[one.split(': ')[1] ?? ''] === undefined)).toEqual([]);
});

/** Those of the glossary that nobody knows from elsewhere. */
const OWN =
  /\b(contribution|epoch|fold|quarantine|rebuild|redrive|rollup|row image|row key|segment|tail|tombstone|twin)/g;

test('a page that uses words of our own names the glossary before, which has each of them', () => {
  const glossary = textOf('docs/glossary.md');
  const using = pages.filter(({ name, text }) => {
    return /^(?:docs\/)?[\w-]+\.md$/.test(name) && new Set(text.match(OWN)).size > 2;
  });
  expect(using.length).toBeGreaterThan(8);
  for (const { name, text } of using) {
    const words = [...text.matchAll(OWN)];
    for (const [, word = ''] of words) expect(glossary).toContain(`| ${word} |`);
    if (name === 'docs/glossary.md') continue;
    const link = text.search(/\[glossary\]\((?:docs\/)?glossary\.md\)/);
    expect(link, `${name} names no glossary`).toBeGreaterThan(0);
    // What a page is about may be in its title.
    const [first] = words.filter(({ index }) => index > text.indexOf('\n'));
    expect(link, name).toBeLessThan(first?.index ?? 0);
  }
});

/** What the documentation of the two services names that this one replaces. */
const THEIRS = {
  commands: [
    ...['pip install -r requirements.txt', 'python -m venv', 'python app.py', 'manage.py migrate'],
    ...['manage.py runserver', 'manage.py process_outcomes', '--max-messages', '--timeout'],
    ...['createsuperuser', 'manage.py test', 'makemigrations', 'manage.py shell', 'dbshell'],
    ...['showmigrations', '--fake', 'docker build', 'docker run', 'kubectl apply', 'kubectl exec'],
    ...['kubectl get deployments', 'kubectl rollout restart', 'kubectl scale', 'role=api'],
    'role=consumer',
  ],
  settings: [
    ...['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_PORT', 'KAFKA_BROKERS', 'LOG_LEVEL'],
    ...['KAFKA_TOPIC_AUCTION_OUTCOMES', 'DJANGO_SECRET_KEY', 'DEBUG', 'ALLOWED_HOSTS'],
    ...['KAFKA_CONSUMER_GROUP', 'KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_GROUP_ID', 'KAFKA_TOPICS'],
    ...['S3_BUCKET', 'AWS_REGION', 'FLUSH_INTERVAL', 'PAGE_SIZE', 'Meta.indexes'],
  ],
  lines: ['Auction outcome saved', '"level":"ERROR"', 'Kafka consumer stopped', 'success_count'],
  procedures: ['does not process messages', 'returns 500', 'migration errors', 'health check'],
};

test.each(Object.entries(THEIRS))('each of their %s has an answer', (_kind, words) => {
  const rows = textOf('docs/coming-from-django.md').match(/^\|.*\|$/gm) ?? [];
  const theirs = rows.map((row) => row.split(' | ')[0] ?? '').join('\n');
  const unanswered = words.filter(
    (word) => !theirs.includes(word) && !theirs.includes(word.replace('manage.py ', '')),
  );
  expect(unanswered).toEqual([]);
});

test('each folder of tests says in test/README.md what it needs', () => {
  const folders = new Set(files.flatMap((name) => /^test\/([^/]+)\//.exec(name)?.[1] ?? []));
  const page = textOf('test/README.md');
  const named = new Set(
    [...page.matchAll(/`([a-z0-9-]+)(?:\/captures)?`/g)].map(([, name]) => name),
  );
  expect([...folders].filter((folder) => !named.has(folder))).toEqual([]);
});
