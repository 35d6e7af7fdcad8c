// Bundles every handler to dist/<function>/index.mjs. All hosts run these same files: Lambda, the
// emulators and the one-machine runner. A bundle carries everything but Node's own modules.
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { writeWhole } from './write-whole.ts';

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
    write: false,
  });
  const files = result.outputFiles ?? [];
  await Promise.all(files.map((file) => writeWhole(file.path, file.contents)));
  return files
    .filter((file) => file.path.endsWith('.mjs'))
    .map((file) => ({ file: relative(ROOT, file.path), bytes: file.contents.length }));
}
