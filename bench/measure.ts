// Two ways to the same thing, asked in turn: what slows the machine down slows both, so their ratio stands.
import { readFileSync } from 'node:fs';

export interface Pair {
  readonly name: string;
  readonly ours: () => Promise<unknown>;
  /** What stands beside it, in words. */
  readonly beside: string;
  readonly theirs: () => Promise<unknown>;
  /** The ratio that it may have. */
  readonly limit?: number;
  readonly rounds?: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 'µs of processor a row' | 'status';
  readonly ours: number;
  readonly beside: string;
  /** `null` where an absolute limit stands in its place. */
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly limit: number | null;
  readonly isMet: boolean | null;
}

const ROUNDS = 25;
const WARM_UP = 3;

/** Wall time, medians. */
export async function comparePair(pair: Pair): Promise<Figure> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  const rounds = pair.rounds ?? ROUNDS;
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const ours = await timeOf(pair.ours);
    const theirs = await timeOf(pair.theirs);
    if (round < 0) continue;
    times.ours.push(ours);
    times.theirs.push(theirs);
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return figureOf({ ...pair, unit: 'ms', ours, theirs });
}

export function figureOf(
  measured: Pick<Figure, 'name' | 'unit' | 'ours' | 'beside'> & {
    readonly theirs?: number;
    readonly limit?: number;
  },
): Figure {
  const { name, unit, ours, beside, theirs, limit } = measured;
  const ratio = theirs === undefined ? null : ours / theirs;
  const isMet = limit === undefined ? null : (ratio ?? ours) <= limit;
  return {
    ...{ name, unit, ours, beside, theirs: theirs ?? null, ratio },
    ...{ limit: limit ?? null, isMet },
  };
}

export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const TICKS_A_SECOND = 100;

/** Microseconds of processor that a process of this machine has taken, from /proc. */
export function processorOf(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND) * 1e6;
}

export function ownProcessor(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export function lineOf(figure: Figure): string {
  const { name, ours, theirs, beside, ratio, limit, isMet } = figure;
  const shown = (value: number) => value.toFixed(2).padStart(9);
  const peer = theirs === null ? '' : `${shown(theirs)}  ${beside}`;
  const verdict = isMet === null ? '' : isMet ? `within ${limit}` : `MISSED ${limit}`;
  return `${name.padEnd(52)} ${shown(ours)} ${figure.unit.padEnd(4)} ${peer.padEnd(44)} ${ratio === null ? '        ' : shown(ratio)}  ${verdict}`;
}
