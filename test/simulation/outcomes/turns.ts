// Whose turn it is. Everything that may happen next waits here as a turn; the seed picks one, and the next
// is picked only when all that followed from it has happened.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.ts';

export interface Turn {
  readonly what: string;
  /** How likely it is picked beside the others; what is late is less likely. */
  readonly weight: number;
  readonly take: () => void | Promise<void>;
  /** Whether it may be taken now. */
  readonly isFree: () => boolean;
}

const always = () => true;

/** Turns of the event loop without a sign of life before the code counts as waiting. */
const CALM_LOOPS = 4;
const STEP_MS = 10;
const TIMER_MS_MAX = 5_000;

export class Turns {
  /** What happened, in order: the history of a seed. */
  readonly taken: string[] = [];
  readonly #random: Random;
  readonly #waiting = new Set<Turn>();
  readonly #held = new Set<Promise<unknown>>();
  #signs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  offer(what: string, take: Turn['take'], weight = 1, isFree = always): Turn {
    const turn = { what, weight, take, isFree };
    this.#waiting.add(turn);
    this.#signs += 1;
    return turn;
  }

  /** False when it was taken already. */
  withdraw(turn: Turn): boolean {
    return this.#waiting.delete(turn);
  }

  wait(what: string, weight?: number): Promise<void> {
    return new Promise((resolve) => this.offer(what, resolve, weight));
  }

  /** Nobody has a turn until it is done. */
  hold<T>(work: Promise<T>): Promise<T> {
    const held = work.catch(() => {}).finally(() => this.#held.delete(held));
    this.#held.add(held);
    this.#signs += 1;
    return work;
  }

  signOfLife(): void {
    this.#signs += 1;
  }

  /** Done when nobody does anything any more but wait. */
  async calm(): Promise<void> {
    for (let loops = 0; loops < CALM_LOOPS; loops += 1) {
      const before = this.#signs;
      await Promise.all(this.#held);
      await new Promise(setImmediate);
      if (this.#signs !== before) loops = 0;
    }
  }

  /** Where all wait for a timer of the code itself, as a pool does before it connects again; false when none wakes anybody. */
  async wake(): Promise<boolean> {
    const before = this.#signs;
    for (let waitedMs = 0; waitedMs < TIMER_MS_MAX && this.#signs === before; waitedMs += STEP_MS) {
      await sleep(STEP_MS);
    }
    return this.#signs !== before;
  }

  /** False when none may be taken. */
  takeOne(): Promise<boolean> {
    return this.#take([...this.#waiting].filter((turn) => turn.isFree()));
  }

  /** For when none is free: those at work may all wait for one that was kept back because of them. */
  takeOneKeptBack(): Promise<boolean> {
    return this.#take([...this.#waiting]);
  }

  async #take(turns: readonly Turn[]): Promise<boolean> {
    const turn = this.#pick(turns);
    if (!turn) return false;
    this.#waiting.delete(turn);
    this.taken.push(turn.what);
    await turn.take();
    return true;
  }

  #pick(turns: readonly Turn[]): Turn | undefined {
    let at = this.#random.below(1_000_000) / 1_000_000;
    at *= turns.reduce((sum, { weight }) => sum + weight, 0);
    return turns.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
  }
}
