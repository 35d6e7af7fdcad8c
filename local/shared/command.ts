// The one way to define a command and to run it: options with `--help`, errors as one line, exit codes.
import { Command, CommanderError } from '@commander-js/extra-typings';
import { FunctionError } from './function-error.ts';
import { wasToldToStop } from './schedule.ts';
import { readWholeNumber } from './settings.ts';
import { errorCode, UserError } from './user-error.ts';

/** docs/local.md, "Exit codes". */
export const EXIT = { failed: 1, found: 3, stopped: 130 } as const;

/** Stopped by Ctrl-C between two steps. Its message says what is done and how to go on. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** What bundles the functions was ended, by the terminal's Ctrl-C or by something else. */
export class EndedBuildError extends Error {
  override readonly name = 'EndedBuildError';
}

const NOTHING_YET = new StoppedError('stopped before it began: nothing was changed.');

export function defineCommand(name: string, summary: string): Command {
  const typed = name === 'start' ? 'npm start --' : `npm run ${name} --`;
  return new Command(typed)
    .description(summary)
    .helpOption('--help', 'shows this')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
}

/** For an option: `.option('--port <n>', 'the first port', wholeNumber('--port', 1, 65_535), 8000)`. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => readWholeNumber(name, text, min, max);
}

/** Ends the process with one line when the command fails in a way that can be expected. */
export async function runCommand(
  name: string,
  command: { parseAsync(): Promise<unknown> },
): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', () => process.exit(0));
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const reason = error instanceof EndedBuildError && wasToldToStop() ? NOTHING_YET : error;
    process.stderr.write(`${name}: ${describeError(reason, name)}\n`);
    process.exit(reason instanceof StoppedError ? EXIT.stopped : EXIT.failed);
  }
}

/** What only reads, or goes on when it is run again, may be left where it is. */
export async function unlessStopped<T>(
  signal: AbortSignal,
  work: Promise<T>,
  next: string,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new StoppedError(next));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => {});
  }
}

export function describeError(error: unknown, command = ''): string {
  if (error instanceof UserError || error instanceof StoppedError) return error.message;
  if (error instanceof CommanderError) return describeMisuse(error, command);
  if (errorCode(error) === 'ECONNREFUSED') {
    return 'The stores do not answer any more: their owner has stopped. Start it, or run this again.';
  }
  if (error instanceof FunctionError) return `the function failed: ${error.name}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function describeMisuse({ message }: CommanderError, name: string): string {
  const [first = '', ...suggestions] = message.replace(/^error: /, '').split('\n');
  const reason = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.$/, '');
  const typed = name === 'start' ? 'npm start' : `npm run ${name}`;
  return [`${reason}.`, ...suggestions, `"${typed} -- --help" shows what is allowed.`].join(' ');
}
