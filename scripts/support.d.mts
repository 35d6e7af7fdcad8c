export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly isMusl: boolean;
  readonly node: string;
}

export function whatIsNeeded(machine: Machine): string | undefined;
export function thisMachine(): Machine;
export function bringsNode(platform: string, arch: string): boolean;
