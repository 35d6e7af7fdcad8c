// A disk that is soon full: a file system in memory with a bound, which only root may mount.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SmallDisk {
  readonly path: string;
  /** Makes room, as an operator would. */
  grow(kilobytes: number): void;
}

/** Why there can be none here; `false` when there can. */
export const noSmallDisk: string | false = whyNone();

export function mountSmallDisk(kilobytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  mount(path, kilobytes);
  onTestFinished(() => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  return { path, grow: (more) => mount(path, more, 'remount,') };
}

function mount(path: string, kilobytes: number, how = ''): void {
  const options = `${how}size=${kilobytes}k,mode=0755`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
}

function whyNone(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root mounts a disk';
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    mount(path, 64);
    execFileSync('umount', [path]);
    return false;
  } catch {
    return 'this root may not mount';
  } finally {
    rmSync(path, { recursive: true });
  }
}
