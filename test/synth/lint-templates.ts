// npm run lint:templates: every variant of the stack through cfn-lint, which knows the schemas of
// CloudFormation. It is a Python program and is installed here, into .cache, at first.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunctions } from '../../scripts/bundle.ts';
import { buildConsole } from '../../scripts/console-bundle.ts';
import { SCHEMA_FILE } from './resource-schemas.ts';
import { resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const VERSION = '1.58.0';
const FOLDER = join(import.meta.dirname, '..', '..', '.cache', `cfn-lint-${VERSION}`);
/** W3005: the CDK says a dependency that a reference says as well; it does no harm. */
const IGNORED = ['W3005'];

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error)
    throw new Error(`${command} cannot be started (${error.message}): cfn-lint needs Python 3.`);
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}`);
}

function install(): string {
  const program = join(FOLDER, 'bin', 'cfn-lint');
  if (existsSync(program)) return program;
  run('python3', '-m', 'venv', FOLDER);
  run(
    join(FOLDER, 'bin', 'pip'),
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `cfn-lint==${VERSION}`,
  );
  return program;
}

/** For the tests that ask what a change of a setting would replace, which need no Python. */
async function writeSchemas(): Promise<void> {
  const types = Object.values(VARIANTS).flatMap((context) =>
    resourcesOf(synthesize(context)).map(([, { Type }]) => Type),
  );
  const input = JSON.stringify([...new Set(types)].filter((type) => !type.startsWith('Custom::')));
  const script = join(import.meta.dirname, 'extract-schemas.py');
  const python = join(FOLDER, 'bin', 'python');
  await writeFile(SCHEMA_FILE, execFileSync(python, [script], { input }));
  run('biome', 'format', '--write', '--log-level=error', SCHEMA_FILE);
}

const program = install();
await buildFunctions();
await buildConsole();
const folder = await mkdtemp(join(tmpdir(), 'templates-'));
try {
  for (const [name, context] of Object.entries(VARIANTS)) {
    const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
    await writeFile(file, JSON.stringify(synthesize(context).toJSON(), null, 1));
  }
  await writeSchemas();
  run(program, '--ignore-checks', ...IGNORED, '--', join(folder, '*.json'));
  process.stdout.write(
    `cfn-lint ${VERSION}: ${Object.keys(VARIANTS).length} templates, no finding\n`,
  );
} finally {
  await rm(folder, { recursive: true });
}
