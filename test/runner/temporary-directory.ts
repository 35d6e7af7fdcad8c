import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Gone when the test is. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'runner-'));
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(path, 0o755);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
