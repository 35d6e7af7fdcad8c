// Bundles every handler to dist/<function>/index.mjs. All hosts run these same files: Lambda, the
// emulators and the one-machine runner. A bundle carries everything but Node's own modules.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, stop } from 'esbuild';
import { noticesOf } from './notices.ts';

const ROOT = join(import.meta.dirname, '..');
const HANDLERS = join(ROOT, 'functions', 'handlers');

// CommonJS dependencies inside an ES module bundle still call require() for Node's modules.
export const REQUIRE_BANNER =
  "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);";

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

export async function buildFunctions(): Promise<Bundle[]> {
  const names = (await readdir(HANDLERS)).filter((name) => name.endsWith('.ts'));
  const result = await build({
    entryPoints: Object.fromEntries(
      names.map((name) => [`${name.slice(0, -3)}/index`, join(HANDLERS, name)]),
    ),
    outdir: join(ROOT, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    sourcemap: true,
    sourcesContent: false,
    minifySyntax: true,
    loader: { '.sql': 'text' },
    banner: { js: REQUIRE_BANNER },
    logLevel: 'error',
    metafile: true,
    absWorkingDir: ROOT,
    write: false,
  });
  // Its process would stay, with all its memory, for as long as the command runs.
  await stop();
  const files = result.outputFiles ?? [];
  await Promise.all(files.map((file) => writeWhole(file.path, file.contents)));
  await Promise.all(
    Object.entries(result.metafile.outputs).map(async ([output, { inputs }]) => {
      if (!output.endsWith('.mjs')) return;
      const notices = Buffer.from(noticesOf(ROOT, Object.keys(inputs)));
      await writeWhole(join(ROOT, dirname(output), 'NOTICES.txt'), notices);
    }),
  );
  return files
    .filter((file) => file.path.endsWith('.mjs'))
    .map((file) => ({ file: relative(ROOT, file.path), bytes: file.contents.length }));
}

/** A reader sees the old file or the new one, never half of it: two commands may build at once. */
async function writeWhole(path: string, contents: Uint8Array): Promise<void> {
  if (existsSync(path) && (await readFile(path)).equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, contents);
  await rename(draft, path);
}
