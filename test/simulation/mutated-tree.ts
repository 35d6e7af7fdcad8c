// Product code as a bundle of its own, with one place of it changed or none: what a simulation runs, so that
// it can show that it would see the mistake. The files themselves stay as they are.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Loader, type Plugin } from 'esbuild';
import { REQUIRE_BANNER } from '../../scripts/bundle.ts';
import { type Mutation, mutate } from './mutation.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** From here a bundle finds the project's packages, and Vitest imports it as it is. */
const TREES = join(ROOT, 'node_modules', '.cache', 'mutated-trees');

export interface Seam {
  /** Node's modules, for which the file stands, except in the file itself. */
  readonly modules: readonly string[];
  readonly file: string;
}

export interface TreeOptions {
  readonly mutation?: Mutation | undefined;
  /** With it, packages are in the bundle, too: what they ask of the modules goes to the file. */
  readonly seam?: Seam;
}

/** @returns what `entry` exports, from a bundle of its own: nothing in it is shared with another. */
export async function importTree<Tree>(
  entry: string,
  { mutation, seam }: TreeOptions,
): Promise<Tree> {
  await mkdir(TREES, { recursive: true });
  const folder = await mkdtemp(join(TREES, 'tree-'));
  const outfile = join(folder, 'tree.mjs');
  try {
    await build({
      ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
      ...{ target: 'node24', mainFields: ['module', 'main'], loader: { '.sql': 'text' } },
      ...{ banner: { js: REQUIRE_BANNER }, logLevel: 'error' },
      packages: seam ? 'bundle' : 'external',
      plugins: [
        ...(seam ? [seamPlugin(seam)] : []),
        ...(mutation ? [mutationPlugin(mutation)] : []),
      ],
    });
    return (await import(pathToFileURL(outfile).href)) as Tree;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the file even if nothing imports it, so that a stale mutation is told. */
function mutationPlugin(mutation: Mutation): Plugin {
  const path = join(ROOT, mutation.file);
  const loader: Loader = path.endsWith('.sql') ? 'text' : 'ts';
  return {
    name: 'mutation',
    async setup({ onLoad }) {
      const contents = mutate(await readFile(path, 'utf8'), mutation);
      onLoad({ filter: /\.(ts|sql)$/ }, (file) =>
        file.path === path ? { contents, loader } : undefined,
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
