// What a rule over several settings can be.
import { type ContextKey, type ContextValues, contextSchema } from './context-keys.ts';

type Values = ContextValues;
export type Rule = (values: Values) => string | undefined;

const DEFAULT_VALUES = contextSchema.parse({});
const asText = (value: unknown) => JSON.stringify(value);

/** To something else than what holds without it. */
export const isSet = (values: Values, key: ContextKey) =>
  asText(values[key]) !== asText(DEFAULT_VALUES[key]);

/** `keys` are needed when the condition holds. */
export function needs(
  when: (values: Values) => boolean,
  because: string,
  ...keys: ContextKey[]
): Rule {
  return (values) => {
    const missing = keys.filter((key) => !isSet(values, key));
    if (!when(values) || missing.length === 0) return undefined;
    return `Setting ${missing.join(' and ')} is missing: ${because}.`;
  };
}

/** `keys` mean nothing, or fail at deployment, unless the condition holds. */
export function only(
  when: (values: Values) => boolean,
  because: string,
  ...keys: ContextKey[]
): Rule {
  return (values) => {
    const given = keys.filter((key) => isSet(values, key));
    if (when(values) || given.length === 0) return undefined;
    return `Setting ${given.join(' and ')} cannot be used here: ${because}.`;
  };
}

export function refuse(when: (values: Values) => boolean, sentence: string): Rule {
  return (values) => (when(values) ? sentence : undefined);
}
