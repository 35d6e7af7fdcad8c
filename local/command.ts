// What all commands share: strict options, and errors as one line.
import { parseArgs } from 'node:util';
import { FunctionError } from './lambda/host.ts';
import { errorCode, UserError } from './user-error.ts';

type OptionTypes = Readonly<Record<string, 'string' | 'boolean'>>;

export interface Arguments {
  readonly files: readonly string[];
  readonly text: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, boolean | undefined>>;
}

/** @throws {UserError} that names the mistake and what is allowed. */
export function readArguments(usage: string, options: OptionTypes, allowFiles: boolean): Arguments {
  try {
    const { values, positionals } = parseArgs({
      options: Object.fromEntries(Object.entries(options).map(([name, type]) => [name, { type }])),
      allowPositionals: allowFiles,
      strict: true,
    });
    const text: Record<string, string> = {};
    const flags: Record<string, boolean> = {};
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string') text[name] = value;
      if (typeof value === 'boolean') flags[name] = value;
    }
    return { files: positionals, text, flags };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UserError(`${reason}. Usage: ${usage}`);
  }
}

/** Ends the process with 1 and one line when the command fails in a way that can be expected. */
export async function runCommand(name: string, command: () => Promise<void>): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', () => process.exit(0));
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${name}: ${describeError(error)}\n`);
    process.exit(1);
  }
}

export function describeError(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (errorCode(error) === 'ECONNREFUSED') {
    return 'The stores do not answer any more: their owner has stopped. Start it, or run this again.';
  }
  if (error instanceof FunctionError) return `the function failed: ${error.name}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
