// One Java program of the platform as a child process: started until it is ready, stopped with
// SIGTERM, or killed with SIGKILL. It can be started again after either.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError, waitUntil } from './wait-until.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LINES = 25;
const logging = join(import.meta.dirname, 'log4j2.properties');

export interface JavaProgram {
  name: string;
  classpath: string;
  mainClass: string;
  args: string[];
  /** Options of the virtual machine. */
  options?: string[];
  heap: string;
  /** Where it leaves files of its own. */
  cwd?: string;
  logFile: string;
  isReady: () => Promise<boolean>;
}

export class JavaProcess {
  readonly #program: JavaProgram;
  #child: ChildProcess | undefined;

  constructor(program: JavaProgram) {
    this.#program = program;
  }

  async start(): Promise<void> {
    const log = openSync(this.#program.logFile, 'a');
    const child = spawn('java', javaArguments(this.#program), {
      cwd: this.#program.cwd,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    const { name, isReady } = this.#program;
    await waitUntil(
      `${name} to start`,
      () => {
        if (hasEnded(child)) throw new FatalError(`${name} ended at once:\n${this.logTail()}`);
        return isReady();
      },
      START_TIMEOUT_MS,
    );
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** For the exit of this process, where nothing can be awaited. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  logTail(): string {
    return readFileSync(this.#program.logFile, 'utf8')
      .split('\n')
      .slice(-LOG_TAIL_LINES)
      .join('\n');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill(signal);
    await ended;
    clearTimeout(timer);
  }
}

/** Runs a program of the same class path to its end. */
export function runJava(program: Pick<JavaProgram, 'classpath' | 'mainClass' | 'args'>): void {
  const run = spawnSync('java', javaArguments({ ...program, heap: '128m' }), { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${program.mainClass} failed:\n${run.stdout}${run.stderr}`);
}

type Launch = Pick<JavaProgram, 'classpath' | 'mainClass' | 'args' | 'options' | 'heap'>;

function javaArguments(program: Launch): string[] {
  return [
    `-Xmx${program.heap}`,
    // These programs live for minutes and share two cores with others: compile little.
    ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
    `-Dlog4j2.configurationFile=${logging}`,
    ...(program.options ?? []),
    '-cp',
    program.classpath,
    program.mainClass,
    ...program.args,
  ];
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
