// Settings of a stage in a file of its own: `-c settingsFile=stages/production.json`. What is given beside it counts first.
import { readFileSync } from 'node:fs';
import { SettingsError } from './settings.ts';

const KEY = 'settingsFile';

type Context = Readonly<Record<string, unknown>>;

/** @throws {SettingsError} in one line. */
export function withSettingsFile({ [KEY]: file, ...context }: Context): Context {
  if (file === undefined) return context;
  return { ...readSettingsFile(String(file)), ...context };
}

function readSettingsFile(file: string): Context {
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(`Setting ${KEY} is "${file}", which cannot be read: ${textOf(error)}.`);
  }
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
    return settings as Context;
  }
  throw new SettingsError(
    `Setting ${KEY} is "${file}": it must hold one JSON object, {"name": value}.`,
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
