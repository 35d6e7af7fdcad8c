// Bundles every handler to dist/<function>/index.mjs. All hosts run these same files: Lambda, the
// emulators and the one-machine runner. A bundle carries everything but Node's own modules; what it imports only
// when it is needed stands in files of its own beside it, so that a start does not read them.
import { readdir, rm } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type BuildOptions, build, type OutputFile, stop } from 'esbuild';
import { whileEsbuildLives } from './esbuild.ts';
import { noticesOf } from './notices.ts';
import { ownLines } from './own-lines.ts';
import { writeWhole } from './write-whole.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const HANDLERS = join(ROOT, 'functions', 'handlers');
const INDEX = 'index.mjs';
const NOTICES = 'NOTICES.txt';

// CommonJS dependencies inside an ES module bundle still call require() for Node's modules.
export const REQUIRE_BANNER =
  "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);";

const OPTIONS = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  chunkNames: 'part-[hash]',
  sourcemap: true,
  sourcesContent: false,
  minify: true,
  loader: { '.sql': 'text' },
  // The same with its WebAssembly inside, instead of in a file beside it.
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  banner: { js: REQUIRE_BANNER },
  logLevel: 'error',
  absWorkingDir: ROOT,
  write: false,
} as const satisfies BuildOptions;

export interface Bundle {
  readonly file: string;
  /** Of the code that a start reads, and of all. */
  readonly startBytes: number;
  readonly bytes: number;
}

export async function buildFunctions(): Promise<Bundle[]> {
  const handlers = (await readdir(HANDLERS)).filter((name) => name.endsWith('.ts'));
  const names = handlers.map((name) => name.slice(0, -'.ts'.length));
  // esbuild's process would stay, with all its memory, for as long as the command runs.
  return Promise.all(names.map(buildFunction)).finally(stop);
}

async function buildFunction(name: string): Promise<Bundle> {
  const folder = join(DIST, name);
  const result = await whileEsbuildLives(
    build({
      ...OPTIONS,
      entryPoints: { index: join(HANDLERS, `${name}.ts`) },
      outdir: folder,
      metafile: true,
    }),
  );
  // What the index names must be there before it.
  const files = result.outputFiles.toSorted((a, b) => Number(isIndex(a)) - Number(isIndex(b)));
  for (const { path, text, contents } of files) {
    await writeWhole(path, path.endsWith('.map') ? Buffer.from(ownLines(text)) : contents);
  }
  await writeWhole(join(folder, NOTICES), Buffer.from(noticesOf(ROOT, result.metafile.outputs)));
  await removeOthers(folder, files);
  const code = files.filter(({ path }) => path.endsWith('.mjs'));
  const started = staticImports(result.metafile.outputs, relative(ROOT, join(folder, INDEX)));
  const sum = (some: readonly OutputFile[]) =>
    some.reduce((bytes, { contents }) => bytes + contents.length, 0);
  return {
    file: relative(ROOT, join(folder, INDEX)),
    startBytes: sum(code.filter(({ path }) => started.has(relative(ROOT, path)))),
    bytes: sum(code),
  };
}

const isIndex = ({ path }: OutputFile) => basename(path) === INDEX;

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** The file and all that it imports at once. */
function staticImports(outputs: Readonly<Record<string, Output>>, path: string): Set<string> {
  const reached = new Set([path]);
  for (const one of reached) {
    const imported = (outputs[one]?.imports ?? []).filter(
      ({ kind }) => kind === 'import-statement',
    );
    for (const { path: next } of imported) if (outputs[next]) reached.add(next);
  }
  return reached;
}

/** Of earlier builds: they would be deployed, too. */
async function removeOthers(folder: string, files: readonly OutputFile[]): Promise<void> {
  const kept = new Set([NOTICES, ...files.map(({ path }) => basename(path))]);
  const others = (await readdir(folder)).filter((name) => !kept.has(name) && !isDraft(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

const isDraft = (name: string) => name.endsWith('.draft');
