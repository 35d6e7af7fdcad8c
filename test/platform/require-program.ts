import { spawnSync } from 'node:child_process';

export function requireProgram(command: string, versionFlag: string, name: string): void {
  const probe = spawnSync(command, [versionFlag], { stdio: 'ignore' });
  if (probe.status !== 0)
    throw new Error(`The test platform needs ${name}: "${command}" is not here.`);
}
