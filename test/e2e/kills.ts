// Which component is killed when, by the seed, and how that is carried out: SIGKILL, a while of silence, a new
// start, and the next kill only when both halves of the service have consumed again.
import { setTimeout as sleep } from 'node:timers/promises';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Engines } from './engines.ts';
import { SHOP_TOPICS } from './shop.ts';
import { committed, sum } from './topics.ts';

/** Killed first when the number of kills does not come out even. */
const SPARE = 'S3';
const TOGETHER_CHANCE = 0.25;
const PAUSE_MAX_MS = 2_000;
const DOWN_MAX_MS = 2_500;
/** No measure of speed: it ends a run that will never go on, on a machine as busy as can be. */
const AT_WORK_TIMEOUT_MS = 600_000;
const LOOK_INTERVAL_MS = 300;

export interface Round {
  /** Killed together, in this order. */
  readonly victims: readonly string[];
  readonly pauseMs: number;
  readonly downMs: number;
}

/** As many kills of each component as of the others, in random order, now and then two at once. */
export function planRounds(seed: number, kills: number, components: readonly string[]): Round[] {
  const random = makeRandom(seed);
  const all = components.filter((name) => name !== SPARE);
  const turns = Array.from({ length: Math.floor(kills / all.length) }, () => all);
  const rest = [SPARE, ...shuffled(all, random)].slice(0, kills % all.length);
  const victims = shuffled([...turns.flat(), ...rest], random);
  const rounds: Round[] = [];
  while (victims.length > 0) {
    const [first = '', second = first] = victims;
    const isPair = first !== second && random.chance(TOGETHER_CHANCE);
    rounds.push({
      victims: victims.splice(0, isPair ? 2 : 1),
      pauseMs: random.below(PAUSE_MAX_MS),
      downMs: random.below(DOWN_MAX_MS),
    });
  }
  return rounds;
}

function shuffled(names: readonly string[], random: Random): string[] {
  const left = [...names];
  return names.flatMap(() => left.splice(random.below(left.length), 1));
}

export interface Recovery {
  readonly victims: readonly string[];
  /** From the last start until both halves had consumed again. */
  readonly seconds: number;
}

export async function carryOut(
  { victims, pauseMs, downMs }: Round,
  engines: Engines,
  tell: (text: string) => void,
): Promise<Recovery> {
  await sleep(pauseMs);
  engines.check();
  const before = await atWork(engines);
  for (const victim of victims) await component(engines, victim).kill();
  await sleep(downMs);
  const startedAt = performance.now();
  // In the order in which they need each other.
  for (const name of engines.components.keys()) {
    if (victims.includes(name)) await component(engines, name).start();
  }
  const up = (performance.now() - startedAt) / 1_000;
  await untilAtWork(engines, await atWork(engines).catch(() => before));
  const seconds = (performance.now() - startedAt) / 1_000;
  tell(
    `${victims.join(' + ').padEnd(36)} down ${(downMs / 1_000).toFixed(1)} s, ` +
      `started in ${up.toFixed(1)} s, both halves at work after ${seconds.toFixed(1)} s ` +
      `(${before.orders + before.outcomes} records consumed before)`,
  );
  return { victims, seconds };
}

interface AtWork {
  readonly orders: number;
  readonly outcomes: number;
}

async function atWork({ platform }: Engines): Promise<AtWork> {
  const positions = await committed(platform.kafka.bootstrap);
  const of = (topics: readonly string[]) => sum(topics.map((topic) => positions.get(topic) ?? 0));
  return { orders: of(SHOP_TOPICS), outcomes: of([OUTCOMES_TOPIC]) };
}

export async function untilAtWork(engines: Engines, since: AtWork): Promise<void> {
  const isAtWork = async () => {
    engines.check();
    await sleep(LOOK_INTERVAL_MS);
    const now = await atWork(engines);
    return now.orders > since.orders && now.outcomes > since.outcomes;
  };
  await waitUntil('orders and outcomes to be consumed again', isAtWork, AT_WORK_TIMEOUT_MS);
}

function component({ components }: Engines, name: string) {
  const found = components.get(name);
  if (!found) throw new RangeError(`There is no component ${name}.`);
  return found;
}
