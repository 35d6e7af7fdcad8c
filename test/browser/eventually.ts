import { expect } from 'vitest';
import { WAIT_MS } from './browser.ts';

/** Until it is so, on a slow machine as well. */
export const eventually = <T>(read: () => T) =>
  expect.poll(read, { timeout: WAIT_MS, interval: 50 });
