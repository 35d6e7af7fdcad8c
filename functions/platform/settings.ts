// Reads a function's settings from its environment, once, with errors that name the variable and what
// was allowed.

export type Environment = Readonly<Record<string, string | undefined>>;

export class SettingError extends Error {
  override readonly name = 'SettingError';
}

export function requiredSetting(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new SettingError(`The environment variable ${name} is not set.`);
  return value;
}

export function textSetting(
  env: Environment,
  name: string,
  otherwise: string,
  form: RegExp,
): string {
  const value = env[name] || otherwise;
  if (form.test(value)) return value;
  throw new SettingError(`${name} is ${JSON.stringify(value)}: it must match ${form}.`);
}

export function oneOfSetting<Choice extends string>(
  env: Environment,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const text = env[name] || otherwise;
  const value = choices.find((choice) => choice === text);
  if (value !== undefined) return value;
  throw new SettingError(`${name} is ${JSON.stringify(text)}: it must be ${choices.join(' or ')}.`);
}

/** Off when not set. */
export function flagSetting(env: Environment, name: string): boolean {
  return textSetting(env, name, 'false', /^(true|false)$/) === 'true';
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function integerSetting(
  env: Environment,
  name: string,
  otherwise: number,
  { min, max }: Range,
): number {
  const text = env[name] || String(otherwise);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new SettingError(
    `${name} is ${JSON.stringify(text)}: it must be a whole number from ${min} to ${max}.`,
  );
}
