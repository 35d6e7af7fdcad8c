// What goes wrong, and when: the seed's choice, with a bound, so that every seed comes to its end.
import type { Random } from '../../support/random.ts';

export type Fate =
  | 'goes well'
  /** The client is cut off before the server hears of it. */
  | 'never sent'
  | 'answer lost'
  /** The client is cut off; the server hears of it, and does it, some time later. */
  | 'done late'
  /** An operator or a failover ends the server's side. */
  | 'terminated'
  | 'crash before'
  | 'crash after'
  /** Its invocation counts as failed and is delivered again, but it runs on: a late twin. */
  | 'abandoned';

export interface Totals {
  cuts: number;
  crashes: number;
  /** Invocations that were given up and ran on. */
  twins: number;
}

const STATEMENT_FATES: readonly Fate[] = [
  ...(['never sent', 'answer lost', 'answer lost', 'done late', 'done late'] as const),
  ...(['terminated', 'crash before', 'crash after', 'abandoned', 'abandoned'] as const),
];
const PUT_FATES: readonly Fate[] = [
  ...(['never sent', 'never sent', 'answer lost', 'crash before', 'crash after'] as const),
  'abandoned',
];

export class Disturbance {
  readonly totals: Totals = { cuts: 0, crashes: 0, twins: 0 };
  readonly #random: Random;
  readonly #chance: number;
  #left: number;

  constructor(random: Random) {
    this.#random = random;
    this.#left = random.pick([0, 1, 2, 3, 4, 6]);
    this.#chance = random.pick([0.01, 0.03, 0.06]);
  }

  ofStatement(sql: string): Fate {
    // What is committed or not is decided here.
    return this.#choose(STATEMENT_FATES, sql === 'commit' ? 5 : 1);
  }

  ofPut(): Fate {
    return this.#choose(PUT_FATES, 6);
  }

  isRefused(): boolean {
    return this.#choose(['never sent'], 0.5) !== 'goes well';
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability);
  }

  #choose(fates: readonly Fate[], weight: number): Fate {
    if (this.#left === 0 || !this.#random.chance(this.#chance * weight)) return 'goes well';
    this.#left -= 1;
    const fate = this.#random.pick(fates);
    if (fate === 'abandoned') this.totals.twins += 1;
    else if (fate.startsWith('crash')) this.totals.crashes += 1;
    else this.totals.cuts += 1;
    return fate;
  }
}
