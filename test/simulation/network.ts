// The way from a function to a store, with the SDK's retries on it: a request may be refused, may be lost,
// may take effect and its answer be lost, may arrive late, and the function may die before it or after.
import type { Random } from '../support/random.ts';
import type { Process, Schedule } from './schedule.ts';
import type { Command, Engine, Send } from './stores/clients.ts';

/** As in functions/platform/aws.ts. */
const ATTEMPTS_MAX = 6;
const RETRY_DELAY_MS = 100;

/** How often what goes wrong, from 0 to 1, for each request. */
export interface Weather {
  readonly crash: number;
  readonly lostAnswer: number;
  readonly lateArrival: number;
  readonly throttle: number;
  /** A store that refuses all attempts of a request. */
  readonly outage: number;
}

export interface Disturbances {
  crashes: number;
  lostAnswers: number;
  lateArrivals: number;
  throttles: number;
}

/** What the SDK throws once its attempts are used up. */
class ThrottlingError extends Error {
  override readonly name = 'ThrottlingException';
  readonly $fault = 'client';
}

/** An invocation that was ended by what failed on its way to a store, and not by a fault of the code. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isOutage);
  return error instanceof ThrottlingError;
}

export class Network {
  readonly disturbances: Disturbances = {
    crashes: 0,
    lostAnswers: 0,
    lateArrivals: 0,
    throttles: 0,
  };
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #weather: Weather;
  #isCalm = false;

  constructor(random: Random, schedule: Schedule, weather: Weather) {
    this.#random = random;
    this.#schedule = schedule;
    this.#weather = weather;
  }

  /** Whether nothing goes wrong from now on. */
  calm(isCalm: boolean): void {
    this.#isCalm = isCalm;
  }

  /** How `sender`, at the time of a call, reaches a store. */
  connect(engine: Engine, sender: () => Process): Send {
    return async (command) => {
      const process = sender();
      const isOutage = this.#strikes('outage');
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        const delayMs = attempt > 1 ? this.#random.below(RETRY_DELAY_MS << attempt) : 0;
        await this.#schedule.turn(process, () => ignoreError(engine, command), delayMs);
        const answer = await this.#attempt(engine, command, process, isOutage);
        if (answer) return answer;
      }
      throw new ThrottlingError('The store refused all attempts.');
    };
  }

  /** `undefined` where the SDK tries again. */
  async #attempt(engine: Engine, command: Command, process: Process, isOutage: boolean) {
    if (this.#strikes('crash')) return this.#crash(process);
    if (isOutage || this.#strikes('throttle')) {
      this.disturbances.throttles += 1;
      return undefined;
    }
    if (this.#strikes('lateArrival')) {
      this.disturbances.lateArrivals += 1;
      this.#schedule.arriveLate(() => ignoreError(engine, command));
      return undefined;
    }
    if (this.#strikes('lostAnswer')) {
      this.disturbances.lostAnswers += 1;
      ignoreError(engine, command);
      return undefined;
    }
    if (!this.#strikes('crash')) return engine.execute(command);
    ignoreError(engine, command);
    return this.#crash(process);
  }

  /** Nothing of a dead process goes on: its promises never settle. */
  #crash(process: Process): Promise<never> {
    this.disturbances.crashes += 1;
    this.#schedule.kill(process);
    return new Promise(() => {});
  }

  #strikes(what: keyof Weather): boolean {
    return !this.#isCalm && this.#random.chance(this.#weather[what]);
  }
}

function ignoreError(engine: Engine, command: Command): void {
  try {
    engine.execute(command);
  } catch {
    // Nobody hears the answer.
  }
}
