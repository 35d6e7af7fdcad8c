// Waits for a condition of the outside world. A condition that throws counts as "not yet", and its
// error is part of the message when the time is up.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 50;

export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      if (await condition()) return;
      lastError = undefined;
    } catch (error) {
      if (error instanceof FatalError) throw error;
      lastError = error;
    }
    await sleep(POLL_INTERVAL_MS);
  }
  const cause = lastError === undefined ? '' : ` (${String(lastError)})`;
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}${cause}.`);
}

/** Thrown by a condition that can no longer come true, so that waiting on is pointless. */
export class FatalError extends Error {}
