// Runs a target: makes lists of inputs from a seed, checks what becomes of each list, and looks for the
// smallest list that still fails. Every list has a seed of its own, so that it can be made again alone.
import { makeRandom, type Random } from '../support/random.ts';

export interface Target<Input> {
  readonly name: string;
  make(random: Random): Input[];
  /** What is wrong, in words that do not change as the inputs get smaller; `undefined` when nothing is. */
  check(inputs: readonly Input[]): Promise<string | undefined>;
  simpler(input: Input): Iterable<Input>;
  show(input: Input): string;
  close?(): Promise<void>;
}

export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly complaint: string;
  readonly smallest: string;
}

export interface Outcome {
  readonly inputs: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

export interface Bounds {
  readonly seed: number;
  readonly inputsMax: number;
  readonly secondsMax: number;
  readonly findingsMax: number;
}

const SHRINK_CHECKS_MAX = 1_500;
const SHRINK_SECONDS_MAX = 20;
/** A list takes milliseconds: one that keeps the processor for longer has found a way to stop a batch. */
const CPU_SECONDS_MAX = 3;
const SEED_STEP = 0x9e3779b1;

export async function runTarget<Input>(target: Target<Input>, bounds: Bounds): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const findings = new Map<string, Finding>();
  let inputs = 0;
  for (let turn = 0; inputs < bounds.inputsMax && seconds() < bounds.secondsMax; turn += 1) {
    const seed = (bounds.seed + Math.imul(turn, SEED_STEP)) >>> 0;
    const made = target.make(makeRandom(seed));
    inputs += made.length;
    const complaint = await checked(target, made);
    if (complaint === undefined || findings.has(kindOf(complaint))) continue;
    const least = await smallest(target, made, complaint);
    const shown = least.map((input) => target.show(input)).join('\n');
    findings.set(kindOf(complaint), { target: target.name, seed, complaint, smallest: shown });
    if (findings.size >= bounds.findingsMax) break;
  }
  return { inputs, seconds: seconds(), findings: [...findings.values()] };
}

/** A promise that nobody waited for counts as a finding of the list that was being checked. */
async function checked<Input>(target: Target<Input>, inputs: readonly Input[]) {
  let unhandled: unknown;
  const keep = (error: unknown) => {
    unhandled = error;
  };
  process.on('unhandledRejection', keep);
  const started = performance.now();
  try {
    const complaint = await target.check(inputs);
    if (complaint !== undefined) return complaint;
    if (unhandled !== undefined) return `unhandled: ${unhandled}`;
    const isSlow = performance.now() - started > CPU_SECONDS_MAX * 1_000;
    return isSlow ? await slowComplaint(target, inputs) : undefined;
  } catch (error) {
    return `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  } finally {
    process.off('unhandledRejection', keep);
  }
}

/** Once more, to tell what the inputs cost from what a busy machine does. */
async function slowComplaint<Input>(target: Target<Input>, inputs: readonly Input[]) {
  const started = process.cpuUsage();
  await target.check(inputs);
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  return seconds > CPU_SECONDS_MAX ? `took ${seconds.toFixed(1)} s of the processor` : undefined;
}

/** Findings of one kind are one: what was thrown and where, or the complaint without its numbers. */
function kindOf(complaint: string): string {
  const [line = '', place = ''] = complaint.split('\n', 2);
  const [thrown] = /^thrown: (?:\w+: )*/.exec(line) ?? [];
  return thrown ? thrown + place : line.replace(/\d+/g, '0').slice(0, 80);
}

async function smallest<Input>(
  target: Target<Input>,
  inputs: readonly Input[],
  complaint: string,
): Promise<readonly Input[]> {
  const deadline = performance.now() + SHRINK_SECONDS_MAX * 1_000;
  let checks = 0;
  let least = inputs;
  const fails = async (candidate: readonly Input[]) => {
    checks += 1;
    const found = candidate.length > 0 ? await checked(target, candidate) : undefined;
    if (found === undefined || kindOf(found) !== kindOf(complaint)) return false;
    least = candidate;
    return true;
  };
  const mayGoOn = () => checks < SHRINK_CHECKS_MAX && performance.now() < deadline;
  for (let at = 0; at < least.length && mayGoOn(); ) {
    if (!(await fails(least.toSpliced(at, 1)))) at += 1;
  }
  for (let at = 0; at < least.length; at += 1) {
    let isSmaller = true;
    while (isSmaller && mayGoOn()) isSmaller = await simplify(target, least, at, fails, mayGoOn);
  }
  return least;
}

async function simplify<Input>(
  target: Target<Input>,
  inputs: readonly Input[],
  at: number,
  fails: (candidate: readonly Input[]) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<boolean> {
  for (const simpler of target.simpler(inputs[at] as Input)) {
    if (!mayGoOn()) return false;
    if (await fails(inputs.with(at, simpler))) return true;
  }
  return false;
}
