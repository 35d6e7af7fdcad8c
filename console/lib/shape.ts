// What an answer of the API must look like: readers that turn JSON into typed values, or say which member
// is not as expected. Pure.
import { type Json, JsonNumber, type JsonObject } from './exact-json.ts';

export type Read<T> = (value: Json, at: string) => T;

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export const text: Read<string> = (value, at) => {
  if (typeof value === 'string') return value;
  throw new ShapeError(`The answer's ${at} is no text.`);
};

/** Of a number, as it is written. */
export const digits: Read<string> = (value, at) => {
  if (value instanceof JsonNumber) return value.text;
  throw new ShapeError(`The answer's ${at} is no number.`);
};

/** A number in exports, a text in a record's own answer, as the original had it. */
export const price: Read<string> = (value, at) =>
  typeof value === 'string' ? value : digits(value, at);

/** Of a number that is for drawing or small: its digits do not matter. */
export const amount: Read<number> = (value, at) => Number(digits(value, at));

export const flag: Read<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value;
  throw new ShapeError(`The answer's ${at} is neither true nor false.`);
};

export const anything: Read<Json> = (value) => value;

export const nullable =
  <T>(read: Read<T>): Read<T | null> =>
  (value, at) =>
    value === null ? null : read(value, at);

export const list =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw new ShapeError(`The answer's ${at} is no list.`);
    return value.map((entry: Json, index) => read(entry, `${at}[${index}]`));
  };

/** An object whose member names are data, in their order. */
export const entries =
  <T>(read: Read<T>): Read<readonly (readonly [string, T])[]> =>
  (value, at) =>
    [...members(value, at)].map(([name, entry]) => [name, read(entry, `${at}.${name}`)] as const);

type Shape = Readonly<Record<string, Read<unknown>>>;
export type Shaped<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

/** Members that it does not name are left out: the API may gain some. A missing one counts as null. */
export const object =
  <S extends Shape>(shape: S): Read<Shaped<S>> =>
  (value, at) => {
    const all = members(value, at);
    const read = Object.entries(shape).map(([name, one]) => [
      name,
      one(all.get(name) ?? null, at === '' ? name : `${at}.${name}`),
    ]);
    return Object.fromEntries(read) as Shaped<S>;
  };

function members(value: Json, at: string): JsonObject {
  if (value instanceof Map) return value as JsonObject;
  throw new ShapeError(at === '' ? 'The answer is no object.' : `The answer's ${at} is no object.`);
}
