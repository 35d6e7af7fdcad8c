// npm run release: the stack as files, for those who deploy it with other tools than the CDK: one template of CloudFormation
// and the archives that it names, all in one bucket of theirs. Needs no account and no bootstrap.
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { App, DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import cdk from '../cdk.json' with { type: 'json' };
import { AnalyticsStack } from '../lib/analytics-stack.ts';
import { addNagChecks } from '../lib/nag-checks.ts';
import { readSettings, SettingsError } from '../lib/settings/settings.ts';
import { withSettingsFile } from '../lib/settings/settings-file.ts';
import { defineCommand, runCommand } from '../local/shared/command.ts';
import { UserError } from '../local/shared/user-error.ts';
import { buildFunctions } from './bundle.ts';
import { buildConsole } from './console-bundle.ts';
import { zip } from './zip.ts';

const ROOT = join(import.meta.dirname, '..');
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

interface FileAsset {
  readonly source: { readonly path: string; readonly packaging: 'zip' | 'file' };
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
}

const command = defineCommand('release', 'The stack as a template and the archives that it names.')
  .requiredOption(
    '--bucket <name>',
    'the bucket that will hold the archives, in the region of the stack',
  )
  .option('--prefix <text>', 'of their keys, such as analytics/1.0/', '')
  .option('--settings-file <file>', 'a JSON object of the settings of docs/deploy.md')
  .option('--out <dir>', 'where the files go', join('dist', 'release'))
  .action(async ({ bucket, prefix, settingsFile, out }) => {
    if (!BUCKET.test(bucket)) throw new UserError(`--bucket is "${bucket}": no name of a bucket.`);
    const settings = readGiven(settingsFile);
    await buildFunctions();
    await buildConsole();
    const folder = join(ROOT, out);
    await rm(folder, { recursive: true, force: true });
    const assembly = join(folder, 'assembly');
    const app = new App({ outdir: assembly, context: cdk.context });
    const { stackName } = settings;
    new AnalyticsStack(app, stackName, {
      settings,
      synthesizer: new DefaultStackSynthesizer({
        fileAssetsBucketName: bucket,
        bucketPrefix: prefix,
        generateBootstrapVersionRule: false,
      }) as IStackSynthesizer,
    });
    addNagChecks(app);
    app.synth();
    const keys = await writeArchives(assembly, stackName, folder);
    await cp(join(assembly, `${stackName}.template.json`), join(folder, 'template.json'));
    await rm(assembly, { recursive: true });
    process.stdout.write(`${keys.map((key) => `s3://${bucket}/${key}`).join('\n')}\n`);
    process.stderr.write(
      `${join(out, 'template.json')} names them; they are in ${join(out, 'objects')}.\n`,
    );
  });

function readGiven(settingsFile: string | undefined) {
  try {
    return readSettings(withSettingsFile({ ...(settingsFile && { settingsFile }) })).values;
  } catch (error) {
    throw error instanceof SettingsError ? new UserError(error.message) : error;
  }
}

/** As the bucket must hold them. @returns their keys. */
async function writeArchives(assembly: string, stack: string, folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(assembly, `${stack}.assets.json`), 'utf8'));
  const assets = Object.values<FileAsset>(manifest.files).filter(
    ({ source }) => source.path !== `${stack}.template.json`,
  );
  const keys = assets.map(async ({ source, destinations }) => {
    const [{ objectKey = '' } = {}] = Object.values(destinations);
    const from = join(assembly, source.path);
    const contents = source.packaging === 'zip' ? await zipFolder(from) : await readFile(from);
    const file = join(folder, 'objects', objectKey);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
    return objectKey;
  });
  return (await Promise.all(keys)).sort();
}

async function zipFolder(folder: string): Promise<Buffer> {
  const paths = await readdir(folder, { recursive: true });
  const files = await Promise.all(
    paths.map(async (path) => {
      const file = join(folder, path);
      if (!(await stat(file)).isFile()) return [];
      const name = relative(folder, file).replaceAll(sep, '/');
      return [{ name, contents: await readFile(file) }];
    }),
  );
  return zip(files.flat());
}

await runCommand('release', command);
