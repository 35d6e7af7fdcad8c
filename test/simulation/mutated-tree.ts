// Product code as its bundle, with one place of it changed or none: what a simulation runs, so that it
// can show that it would see the mistake. The files themselves stay as they are.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Loader, type Plugin } from 'esbuild';
import { REQUIRE_BANNER } from '../../scripts/bundle.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Mutation {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Seam {
  /** Node's modules, for which the file stands, except in the file itself. */
  readonly modules: readonly string[];
  readonly file: string;
}

/** @returns what `entry` exports, from a bundle of its own: nothing in it is shared with another. */
export async function importTree<Tree>(
  entry: string,
  seam: Seam,
  mutation?: Mutation,
): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'mutated-tree-'));
  // Vitest imports what is under node_modules as it is; it would read all else once more.
  const outfile = join(folder, 'node_modules', 'tree.mjs');
  const replaced = mutation && (await replacedText(mutation));
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
    ...{ target: 'node24', mainFields: ['module', 'main'], loader: { '.sql': 'text' } },
    ...{ banner: { js: REQUIRE_BANNER }, logLevel: 'error' },
    plugins: [seamPlugin(seam), ...(replaced ? [replacePlugin(replaced)] : [])],
  });
  try {
    return (await import(pathToFileURL(outfile).href)) as Tree;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Replaced {
  readonly path: string;
  readonly text: string;
}

/** @throws when the text that the mutation looks for is not there, or there more than once. */
async function replacedText({ name, file, find, replace }: Mutation): Promise<Replaced> {
  const path = join(ROOT, file);
  const pieces = (await readFile(path, 'utf8')).split(find);
  if (pieces.length !== 2) {
    throw new Error(
      `Mutation "${name}": its text stands ${pieces.length - 1} times in ${file}, and must once.`,
    );
  }
  return { path, text: pieces.join(replace) };
}

function replacePlugin({ path, text }: Replaced): Plugin {
  const loader: Loader = path.endsWith('.sql') ? 'text' : 'ts';
  return {
    name: 'replace',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.(ts|sql)$/ }, (file) =>
        file.path === path ? { contents: text, loader } : undefined,
      );
    },
  };
}

function seamPlugin({ modules, file }: Seam): Plugin {
  return {
    name: 'seam',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^node:/ }, ({ path, importer }) =>
        modules.includes(path) && importer !== file ? { path: file } : undefined,
      );
    },
  };
}
