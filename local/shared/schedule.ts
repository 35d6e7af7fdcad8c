// When things happen: at intervals, and until a signal to stop.
import { setTimeout as sleep } from 'node:timers/promises';

/** npm passes the terminal's Ctrl-C on a second time: that is not a second wish to stop. */
const SAME_SIGNAL_MS = 500;
/** docs/local.md, "Exit codes". */
const STOPPED = 130;

let isTold = false;

/** Whether this process was asked to stop. */
export function wasToldToStop(): boolean {
  return isTold;
}

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) firstAtMs = Date.now();
      else if (Date.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(STOPPED);
      isTold = true;
      controller.abort();
    });
  }
  return controller.signal;
}

/**
 * Runs the action again and again, never twice at once, until the signal. When the first is to come sooner, each
 * wait is twice the one before, up to the interval.
 */
export async function every(
  seconds: number,
  signal: AbortSignal,
  action: () => void | Promise<void>,
  firstAfterSeconds = seconds,
): Promise<void> {
  let waitSeconds = Math.min(firstAfterSeconds, seconds);
  await pause(waitSeconds, signal);
  while (!signal.aborted) {
    await action();
    waitSeconds = Math.min(waitSeconds * 2, seconds);
    await pause(waitSeconds, signal);
  }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
}
