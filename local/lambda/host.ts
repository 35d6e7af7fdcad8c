// A Lambda function on this machine: the built bundle in a thread with an environment of its own,
// one invocation at a time, stopped when it takes too long.
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { errorText, FunctionError } from '../shared/function-error.ts';
import type { Invocation, Outcome } from './protocol.ts';

export interface HostedFunction {
  readonly name: string;
  readonly bundle: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the function prints. */
  readonly log: (chunk: Buffer) => void;
}

export class LambdaHost {
  readonly #hosted: HostedFunction;
  #thread: Worker | undefined;
  #settle: (outcome: Outcome) => void = () => {};
  #previous: Promise<unknown> = Promise.resolve();

  constructor(hosted: HostedFunction) {
    this.#hosted = hosted;
  }

  /**
   * @param event JSON text
   * @returns JSON text
   * @throws {FunctionError}
   */
  invoke(event: string): Promise<string> {
    const answer = this.#previous.then(() => this.#invokeNow(event));
    this.#previous = answer.catch(() => {});
    return answer;
  }

  /** After the invocation in hand. */
  async close(): Promise<void> {
    await this.#previous;
    await this.#thread?.terminate();
  }

  async #invokeNow(event: string): Promise<string> {
    const { name, timeoutMs } = this.#hosted;
    const deadline = Date.now() + timeoutMs;
    this.#thread ??= this.#startThread();
    const thread = this.#thread;
    const timeout = setTimeout(() => {
      this.#lose(thread, 'Sandbox.Timedout', `Task timed out after ${timeoutMs / 1000} seconds`);
      void thread.terminate();
    }, timeoutMs);
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
      const invocation = { requestId: randomUUID(), functionName: name, event, deadline };
      thread.postMessage(invocation satisfies Invocation);
    });
    clearTimeout(timeout);
    if (outcome.kind === 'answer') return outcome.answer;
    throw new FunctionError(outcome.error);
  }

  #startThread(): Worker {
    const { name, bundle, env, log } = this.#hosted;
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      name,
      workerData: bundle,
      env: { ...env, AWS_LAMBDA_FUNCTION_NAME: name, AWS_LAMBDA_FUNCTION_VERSION: '$LATEST' },
      stdout: true,
      stderr: true,
    });
    thread.stdout.on('data', log);
    thread.stderr.on('data', log);
    thread.on('message', (outcome: Outcome) => {
      if (thread === this.#thread) this.#settle(outcome);
    });
    thread.on('error', (error) => {
      const { name, message, stack } = errorText(error);
      this.#lose(thread, name, message, stack);
    });
    thread.on('exit', (code) => {
      this.#lose(thread, 'Runtime.ExitError', `The function exited with code ${code}`);
    });
    return thread;
  }

  /** The thread ends without an outcome of its own: the next invocation is a cold start. */
  #lose(thread: Worker, name: string, message: string, stack = ''): void {
    if (thread !== this.#thread) return;
    this.#thread = undefined;
    this.#settle({ kind: 'error', error: { name, message, stack } });
  }
}
