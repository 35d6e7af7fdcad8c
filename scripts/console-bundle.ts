// Bundles the console's page to dist/console: index.html and the files that it names, each with a hash of its
// contents in its name. What is made is the whole list of what a host may serve.
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, stop } from 'esbuild';
import { whileEsbuildLives } from './esbuild.ts';
import { noticesOf } from './notices.ts';
import { writeWhole } from './write-whole.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'console');
export const CONSOLE_DIST = join(ROOT, 'dist', 'console');

/** What a browser loads before the page can be used, compressed. */
const FIRST_LOAD_BYTES_MAX = 60_000;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

export interface ConsoleFile {
  readonly name: string;
  readonly mediaType: string;
  readonly contents: Uint8Array;
  /** Its name changes with its contents. */
  readonly isImmutable: boolean;
}

export interface ConsoleBundle {
  readonly files: readonly ConsoleFile[];
  readonly firstLoadBytes: number;
}

/** @throws {Error} when the first load is over its budget. */
export async function buildConsole(): Promise<ConsoleBundle> {
  const result = await whileEsbuildLives(
    build({
      entryPoints: { main: join(SOURCE, 'main.tsx') },
      outdir: CONSOLE_DIST,
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      target: ['chrome123', 'firefox128', 'safari17.5'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      tsconfigRaw: {},
      absWorkingDir: ROOT,
      define: { 'process.env.NODE_ENV': '"production"' },
      minify: true,
      legalComments: 'none',
      charset: 'utf8',
      metafile: true,
      logLevel: 'error',
      write: false,
    }),
  );
  // Its process would stay for as long as the command runs.
  await stop();
  const built = result.outputFiles.map(({ path, contents }) => toFile(basename(path), contents));
  const icon = toHashedFile('icon', '.svg', await readFile(join(SOURCE, 'icon.svg')));
  const text = noticesOf(ROOT, result.metafile.outputs);
  const notices = toHashedFile('notices', '.txt', Buffer.from(text));
  const loaded = { ...entryNames(result.metafile), icon: icon.name };
  const page = await renderIndex({ ...loaded, notices: notices.name });
  const index = toFile('index.html', Buffer.from(page));
  const files = [index, ...built, icon, notices];
  const firstLoadBytes = files
    .filter(({ name }) => name === 'index.html' || Object.values(loaded).includes(name))
    .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  if (firstLoadBytes > FIRST_LOAD_BYTES_MAX) {
    throw new Error(
      `The console's first load is ${firstLoadBytes} bytes compressed, at most ${FIRST_LOAD_BYTES_MAX} are allowed.`,
    );
  }
  await writeFiles(files);
  return { files, firstLoadBytes };
}

function entryNames({ outputs }: Metafile) {
  const entry = Object.entries(outputs).find(([, { entryPoint }]) =>
    entryPoint?.endsWith('console/main.tsx'),
  );
  if (!entry?.[1].cssBundle) throw new Error('console/main.tsx has no script or no style.');
  return { script: basename(entry[0]), style: basename(entry[1].cssBundle) };
}

async function renderIndex(names: Readonly<Record<string, string>>): Promise<string> {
  const template = await readFile(join(SOURCE, 'index.html'), 'utf8');
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const file = names[name];
    if (!file)
      throw new Error(`console/index.html names {${name}}, which the build does not make.`);
    return file;
  });
}

function toFile(name: string, contents: Uint8Array): ConsoleFile {
  const mediaType = MEDIA_TYPES[extname(name)];
  if (!mediaType) throw new Error(`No media type is known for ${name}.`);
  return { name, mediaType, contents, isImmutable: name !== 'index.html' };
}

function toHashedFile(name: string, extension: string, contents: Uint8Array): ConsoleFile {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8).toUpperCase();
  return toFile(`${name}-${hash}${extension}`, contents);
}

/** index.html comes last, so that it never names a file that is not there; then what is old goes. */
async function writeFiles(files: readonly ConsoleFile[]): Promise<void> {
  const [index, ...named] = files;
  for (const file of [...named, ...(index ? [index] : [])]) {
    await writeWhole(join(CONSOLE_DIST, file.name), file.contents);
  }
  const kept = new Set(files.map(({ name }) => name));
  const old = (await readdir(CONSOLE_DIST)).filter(
    (name) => !kept.has(name) && !/draft$/.test(name),
  );
  await Promise.all(old.map((name) => rm(join(CONSOLE_DIST, name), { force: true })));
}
