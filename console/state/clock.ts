// What time it is, for ages that grow while one looks.
import { signal } from '@preact/signals';

const EVERY_MS = 5_000;

export const nowMs = signal(Date.now());

export function followClock(): void {
  setInterval(() => {
    if (!document.hidden) nowMs.value = Date.now();
  }, EVERY_MS);
}
