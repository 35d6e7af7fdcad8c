// npm run lint:templates: every variant of the stack through cfn-lint, which knows the schemas of CloudFormation, and
// through checkov as many of them as have all the types between them.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunctions } from '../../scripts/bundle.ts';
import { buildConsole } from '../../scripts/console-bundle.ts';
import { CHECKOV_VERSION, checkTemplates } from './checkov.ts';
import { installPython, run } from './python-program.ts';
import { SCHEMA_FILE } from './resource-schemas.ts';
import { resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const VERSION = '1.58.0';
/** W3005: the CDK says a dependency that a reference says as well; it does no harm. */
const IGNORED = ['W3005'];

/** For the tests that ask what a change of a setting would replace, which need no Python. */
async function writeSchemas(): Promise<void> {
  const types = Object.values(VARIANTS).flatMap((context) =>
    resourcesOf(synthesize(context)).map(([, { Type }]) => Type),
  );
  const input = JSON.stringify([...new Set(types)].filter((type) => !type.startsWith('Custom::')));
  const script = join(import.meta.dirname, 'extract-schemas.py');
  const python = join(programs, 'python');
  await writeFile(SCHEMA_FILE, execFileSync(python, [script], { input }));
  run('biome', 'format', '--write', '--log-level=error', SCHEMA_FILE);
}

const programs = installPython('cfn-lint', VERSION);
await buildFunctions();
await buildConsole();
const folder = await mkdtemp(join(tmpdir(), 'templates-'));
const chosen = join(folder, 'chosen');
try {
  await mkdir(chosen);
  const seen = new Set<string>();
  for (const [name, context] of Object.entries(VARIANTS)) {
    const template = synthesize(context);
    const file = `${name.replaceAll(/\W+/g, '-')}.json`;
    await writeFile(join(folder, file), JSON.stringify(template.toJSON(), null, 1));
    const types = resourcesOf(template).map(([, { Type }]) => Type);
    if (types.some((type) => !seen.has(type)) || context.apiAuth === 'none') {
      await copyFile(join(folder, file), join(chosen, file));
    }
    for (const type of types) seen.add(type);
  }
  await writeSchemas();
  run(join(programs, 'cfn-lint'), ...['--ignore-checks', ...IGNORED, '--', join(folder, '*.json')]);
  checkTemplates(chosen);
  process.stdout.write(
    `cfn-lint ${VERSION}, checkov ${CHECKOV_VERSION}: ${Object.keys(VARIANTS).length} templates, no finding without a reason\n`,
  );
} finally {
  await rm(folder, { recursive: true });
}
