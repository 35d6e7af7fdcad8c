// I108: a machine that cannot run the service hears so in one line, before anything is installed on it.
import { expect, test } from 'vitest';
import { whatIsNeeded } from '../../scripts/support.mjs';

const LINUX = { platform: 'linux', arch: 'x64', isMusl: false, node: 'v20.20.2' };
const MAC = { platform: 'darwin', arch: 'arm64', isMusl: false, node: 'v22.18.0' };

test.each([
  LINUX,
  { ...LINUX, arch: 'arm64', node: 'v20.0.0' },
  MAC,
  { ...MAC, arch: 'x64', node: 'v24.1.0' },
])('%j runs it', (machine) => {
  expect(whatIsNeeded(machine)).toBeUndefined();
});

test.each([
  [
    { ...MAC, node: 'v20.20.2' },
    /^Node 22\.18 or newer is needed here, and this is v20\.20\.2: install/,
  ],
  [{ ...MAC, node: 'v22.17.1' }, /^Node 22\.18 or newer is needed/],
  [
    { ...LINUX, node: 'v18.20.8' },
    /^Node 20\.0 or newer is needed here, and this is v18\.20\.8: install/,
  ],
  [{ ...LINUX, isMusl: true }, /^Alpine and other systems on musl are not supported.*Debian/],
  [{ ...LINUX, platform: 'win32' }, /^Windows itself is not supported: run it in WSL 2/],
  [{ ...LINUX, arch: 'riscv64' }, /^linux on riscv64 is not supported/],
  [{ ...LINUX, platform: 'freebsd' }, /^freebsd on x64 is not supported/],
])('%j hears what is needed', (machine, reason) => {
  expect(whatIsNeeded(machine)).toMatch(reason);
  expect(whatIsNeeded(machine)).not.toContain('\n');
});
