// A program of the project as a process of its own, which can be killed and started again. One that ends
// by itself is a failure, unless it may: then it is started again, as a supervisor would.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../platform/wait-until.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const STOP_TIMEOUT_MS = 120_000;
const LOG_TAIL_LINES = 15;

export interface Script {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Asked at each start. */
  readonly args: () => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Last words after which it is started again, so many times. */
  readonly mayEnd?: { readonly with: RegExp; readonly times: number };
  /** Takes both outputs of all runs. */
  readonly logFile: string;
}

export class ScriptProcess {
  readonly #script: Script;
  #child: ChildProcess | undefined;
  #failure: FatalError | undefined;
  #ends = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  start(): void {
    const { name, file, args, env, logFile } = this.#script;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [join(ROOT, file), ...args()], {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (child !== this.#child || code === 0) return;
      const { mayEnd } = this.#script;
      if (mayEnd?.with.test(this.#lastLine()) && this.#ends < mayEnd.times) {
        this.#ends += 1;
        return this.start();
      }
      this.#failure = new FatalError(`${name} ended with ${code ?? signal}:\n${this.logTail()}`);
    });
  }

  /** How often it ended by itself and was started again. */
  get ends(): number {
    return this.#ends;
  }

  /** @throws {FatalError} when it ended although nobody ended it. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Or it has ended of itself meanwhile, over what was killed before it. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** In order: it has `STOP_TIMEOUT_MS` to finish what it has in hand. */
  async stop(): Promise<void> {
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#end('SIGTERM');
    clearTimeout(timer);
    // Without a code, it ended on the signal before it had come to listen for it, with nothing in hand.
    if (child && child.exitCode !== 0 && child.signalCode !== 'SIGTERM') {
      throw new Error(`${this.#script.name} did not stop in order:\n${this.logTail()}`);
    }
  }

  /** Until it ends by itself. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child?.exitCode !== 0) this.check();
  }

  /** For the exit of this process, where nothing can be awaited. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  logTail(): string {
    const lines = readFileSync(this.#script.logFile, 'utf8').split('\n');
    return lines.slice(-LOG_TAIL_LINES).join('\n');
  }

  #lastLine(): string {
    return this.logTail().trimEnd().split('\n').at(-1) ?? '';
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#failure = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
