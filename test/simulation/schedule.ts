// One thing at a time, in an order that the seed decides, on a clock that only this moves. Whoever talks
// to a store or waits asks for a turn; a process that has died gets none, but a request of it that was
// already on its way may still arrive.
import type { Random } from '../support/random.ts';

/** Something that can die in the middle: an invocation. */
export interface Process {
  isDead: boolean;
  /** It is slow: others go first until then. */
  heldUntilMs: number;
}

interface Turn {
  readonly process: Process | undefined;
  readonly dueMs: number;
  readonly go: () => void;
  /** What happens when the request arrives after its sender has died. */
  readonly arrive: (() => void) | undefined;
}

const ARRIVES_WITHIN_MS = 20_000;
const ARRIVES_AFTER_DEATH = 0.3;

export class Schedule {
  nowMs: number;
  readonly #random: Random;
  /** How far the clock may move from one turn to the next. */
  stepMsMax: number;
  #turns: Turn[] = [];

  constructor(random: Random, startMs: number, stepMsMax: number) {
    this.#random = random;
    this.nowMs = startMs;
    this.stepMsMax = stepMsMax;
  }

  get isIdle(): boolean {
    return this.#turns.length === 0;
  }

  /** @param arrive the request that the turn is for */
  turn(process: Process, arrive: () => void, delayMs = 0): Promise<void> {
    return new Promise((go) => {
      if (!process.isDead) this.#turns.push({ process, dueMs: this.nowMs + delayMs, go, arrive });
    });
  }

  sleep(process: Process, milliseconds: number): Promise<void> {
    return new Promise((go) => {
      const dueMs = this.nowMs + milliseconds;
      this.#turns.push({ process, dueMs, go, arrive: undefined });
    });
  }

  /** A request that the network still holds: it takes effect, and nobody hears of it. */
  arriveLate(arrive: () => void): void {
    const dueMs = this.nowMs + this.#random.below(ARRIVES_WITHIN_MS);
    this.#turns.push({ process: undefined, dueMs, go: arrive, arrive: undefined });
  }

  kill(process: Process): void {
    process.isDead = true;
    const lost = this.#turns.filter((turn) => turn.process === process);
    this.#turns = this.#turns.filter((turn) => turn.process !== process);
    for (const { arrive } of lost) {
      if (arrive && this.#random.chance(ARRIVES_AFTER_DEATH)) this.arriveLate(arrive);
    }
  }

  /** Gives one turn; `false` when nobody waits for one. */
  async step(): Promise<boolean> {
    // All that follows from the turn before are promises, and these have settled before a next tick.
    await new Promise<void>(process.nextTick);
    if (this.#turns.length === 0) return false;
    this.nowMs += this.#random.below(this.stepMsMax);
    const isReady = ({ dueMs, process }: Turn) =>
      Math.max(dueMs, process?.heldUntilMs ?? 0) <= this.nowMs;
    let ready = this.#turns.filter(isReady);
    if (ready.length === 0) {
      const due = this.#turns.map(({ dueMs, process }) =>
        Math.max(dueMs, process?.heldUntilMs ?? 0),
      );
      this.nowMs = Math.min(...due);
      ready = this.#turns.filter(isReady);
    }
    const chosen = this.#random.pick(ready);
    this.#turns.splice(this.#turns.indexOf(chosen), 1);
    chosen.go();
    return true;
  }
}
