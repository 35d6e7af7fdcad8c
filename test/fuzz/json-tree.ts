// JSON as a tree that can hold what no JavaScript value can: a field twice, numbers of any size, half a
// surrogate pair, a name like `__proto__`. A leaf is JSON text, right or wrong.
import type { Random } from '../support/random.ts';
import { hostileLeaf, hostileName } from './hostile-values.ts';

export type Tree = string | Tree[] | Fields;
export interface Fields {
  readonly fields: [name: string, value: Tree][];
}

export function toTree(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(toTree);
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) {
    return JSON.stringify(value);
  }
  return { fields: Object.entries(value).map(([name, member]) => [name, toTree(member)]) };
}

/** Every number keeps the text it has. */
export function parseTree(text: string): Tree {
  return toTree(
    JSON.parse<unknown>(text, (_name, value, { source }) =>
      typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
    ),
  );
}

export function showTree(tree: Tree): string {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(showTree).join()}]`;
  return `{${tree.fields.map(([name, value]) => `${JSON.stringify(name)}:${showTree(value)}`).join()}}`;
}

/** A place in a tree: how to read it and what to put there. `undefined` takes the field away. */
interface Place {
  readonly path: string;
  readonly value: Tree;
  readonly replace: (value: Tree | undefined) => Tree;
}

function placesOf(tree: Tree, path = '', wrap: Place['replace'] = (value) => value ?? 'null') {
  const places: Place[] = [{ path, value: tree, replace: wrap }];
  if (typeof tree === 'string') return places;
  const members: [string, Tree][] = Array.isArray(tree)
    ? tree.map((value, index) => [String(index), value])
    : tree.fields;
  members.forEach(([name, value], index) => {
    const replace = (next: Tree | undefined) => wrap(withMember(tree, index, next));
    places.push(...placesOf(value, `${path}/${name}`, replace));
  });
  return places;
}

function withMember(tree: Tree[] | Fields, index: number, value: Tree | undefined): Tree {
  if (Array.isArray(tree)) return tree.toSpliced(index, 1, ...(value === undefined ? [] : [value]));
  const name = tree.fields[index]?.[0] ?? '';
  const kept: [string, Tree][] = value === undefined ? [] : [[name, value]];
  return { fields: tree.fields.toSpliced(index, 1, ...kept) };
}

/** One change at one place; `likely` are the paths that are worth it more than others. */
export function mutate(tree: Tree, random: Random, likely: RegExp): Tree {
  const places = placesOf(tree);
  const favoured = places.filter(({ path }) => likely.test(path));
  const place = random.pick(favoured.length > 0 && random.chance(0.7) ? favoured : places);
  const what = random.below(20);
  if (what < 3) return place.replace(undefined);
  if (what < 5) return place.replace(random.pick(places).value);
  if (what < 6) return place.replace([place.value]);
  if (what < 8) return place.replace(withField(place.value, random));
  return place.replace(hostileLeaf(random));
}

function withField(value: Tree, random: Random): Tree {
  if (typeof value === 'string' || Array.isArray(value)) {
    return { fields: [[hostileName(random), value]] };
  }
  const again = value.fields[random.below(Math.max(value.fields.length, 1))]?.[0];
  const name = again !== undefined && random.chance(0.5) ? again : hostileName(random);
  return { fields: [...value.fields, [name, hostileLeaf(random)]] };
}

/** The tree with one place less, or with null in it: for finding the smallest input. */
export function* simplerTrees(tree: Tree): Generator<Tree> {
  for (const { path, value, replace } of placesOf(tree)) {
    if (path !== '') yield replace(undefined);
    if (value !== 'null') yield replace('null');
    if (typeof value === 'string' && value.length > 40) yield replace(value.slice(0, 20));
  }
}
