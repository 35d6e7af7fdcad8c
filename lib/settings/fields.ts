// The forms that a value of the CDK context can have. `-c name=value` brings text, cdk.json also brings
// numbers, booleans and lists: both are read alike. Each form says in words what it allows.
import { z } from 'zod';

type Form<T> = z.ZodType<T, unknown>;

const allowed = (text: string) => ({ error: () => `it must be ${text}` });

export function choice<const T extends string>(...names: readonly [T, ...T[]]): Form<T> {
  return z.enum(names, allowed(`one of ${names.join(', ')}`)) as unknown as Form<T>;
}

/** @param multipleOf - a whole number that the value must be a multiple of. */
export function whole(min: number, max: number, multipleOf = 1): Form<number> {
  const steps = multipleOf === 1 ? '' : `, a multiple of ${multipleOf}`;
  const isAllowed = (value: unknown) =>
    Number.isInteger(value) &&
    Number(value) >= min &&
    Number(value) <= max &&
    Number(value) % multipleOf === 0;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z.custom<number>(isAllowed, allowed(`a whole number from ${min} to ${max}${steps}`)),
  );
}

export const flag: Form<boolean> = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(allowed('true or false')),
);

/** @param words - what is allowed, for the error. */
export function text(form: RegExp, words: string): Form<string> {
  return z.custom<string>(
    (value) => typeof value === 'string' && form.test(value),
    allowed(words),
  ) as unknown as Form<string>;
}

/** Text that may be a mere number: cdk.json has it as one. */
export function digits(form: RegExp, words: string): Form<string> {
  return z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    text(form, words),
  );
}

/** A list, or text with commas. */
export function list(form: RegExp, words: string, min = 0): Form<string[]> {
  const isAllowed = (value: unknown) =>
    Array.isArray(value) &&
    value.length >= min &&
    new Set(value).size === value.length &&
    value.every((entry) => typeof entry === 'string' && form.test(entry));
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value),
    z.custom<string[]>(isAllowed, allowed(words)),
  );
}
