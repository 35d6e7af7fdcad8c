// A decision of the code, and the same text without it. The product knows nothing of it: a mutation changes
// a copy (mutated-tree.ts).
import { UserError } from '../../local/shared/user-error.ts';

export interface Mutation {
  /** What is wrong then. */
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** @throws when the text is no longer there, or more than once: the list is stale. */
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
  const names = mutations.map((one) => `"${one.name}"`).join(', ');
  throw new UserError(`There is no mutation "${name}"; there are ${names}.`);
}
