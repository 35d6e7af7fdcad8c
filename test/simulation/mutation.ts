// The code under test with one decision changed: a copy of `functions/` in which one text is another. The
// product knows nothing of it. A text that is no longer there, or twice, is an error: the list is stale.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../local/user-error.ts';

export interface Mutation {
  /** What is wrong then. */
  readonly name: string;
  /** Under `functions/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const FUNCTIONS = join(ROOT, 'functions');
/** Inside of the project, so that the copy finds its packages. */
const COPIES = join(ROOT, '.cache', 'mutants');

/** Loads code from `functions/`, or from a copy of it that is gone when the code is loaded. */
export async function loadMutated<T>(
  mutation: Mutation | undefined,
  load: (functions: string) => Promise<T>,
): Promise<T> {
  if (!mutation) return load(FUNCTIONS);
  await mkdir(COPIES, { recursive: true });
  const copy = await mkdtemp(join(COPIES, 'functions-'));
  try {
    await cp(FUNCTIONS, copy, { recursive: true });
    const file = join(copy, mutation.file);
    await writeFile(file, mutate(await readFile(file, 'utf8'), mutation));
    return await load(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

export function mutate(text: string, { name, file, find, replace }: Mutation): string {
  const found = text.split(find).length - 1;
  if (found === 1) return text.replace(find, () => replace);
  throw new Error(
    `The mutation "${name}" is stale: ${file} holds its text ${found} times, not once.`,
  );
}

/** @throws {UserError} when the list has no such mutation */
export function findMutation(mutations: readonly Mutation[], name: string): Mutation {
  const mutation = mutations.find((one) => one.name === name);
  if (mutation) return mutation;
  throw new UserError(`There is no mutation "${name}".`);
}
