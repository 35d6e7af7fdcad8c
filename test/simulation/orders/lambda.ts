// A function as Lambda runs it: instances that are made when needed and used again, one invocation at a
// time in each, and gone when it dies. What goes wrong inside is not Lambda's to know.
import type { OrdersHost } from '../../../functions/orders/host.ts';
import type { Random } from '../../support/random.ts';
import type { Network } from '../network.ts';
import type { Process, Schedule } from '../schedule.ts';
import { asDynamoDbClient, asS3Client, type Engine } from '../stores/clients.ts';

export type Invocation = Process;

export type Ending<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'died' };

interface Instance<Answer> {
  readonly run: (event: unknown) => Promise<Answer>;
  current: Invocation;
}

export interface Platform {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly dynamoDb: Engine;
  readonly s3: Engine;
}

export type MakeFunction<Answer> = (host: OrdersHost) => (event: unknown) => Promise<Answer>;

const NO_METRICS: OrdersHost['metrics'] = { addMetric: () => NO_METRICS as never };
const REUSED = 0.8;
const HELD_MS_MAX = 120_000;

export class LambdaFunction<Answer> {
  readonly #platform: Platform;
  readonly #make: MakeFunction<Answer>;
  readonly #env: Readonly<Record<string, string>>;
  #idle: Instance<Answer>[] = [];
  #underWay = new Map<Invocation, (ending: Ending<Answer>) => void>();

  constructor(
    platform: Platform,
    make: MakeFunction<Answer>,
    env: Readonly<Record<string, string>>,
  ) {
    this.#platform = platform;
    this.#make = make;
    this.#env = env;
  }

  /** Invocations under way. */
  get busy(): number {
    return this.#underWay.size;
  }

  /** @param whenEnded is told at once when the invocation answers, fails or is found dead. */
  invoke(event: unknown, whenEnded: (ending: Ending<Answer>) => void): Invocation {
    const invocation: Invocation = { isDead: false, heldUntilMs: 0 };
    const instance = this.#take(invocation);
    const end = (ending: Ending<Answer>) => {
      if (!this.#underWay.delete(invocation)) return;
      if (ending.kind !== 'died') this.#idle.push(instance);
      whenEnded(ending);
    };
    this.#underWay.set(invocation, end);
    instance.run(event).then(
      (answer) => end({ kind: 'answered', answer }),
      (error) => end({ kind: 'failed', error }),
    );
    return invocation;
  }

  /** One that is under way gets no turn for a while. */
  slowDown(): void {
    const { random, schedule } = this.#platform;
    if (this.#underWay.size === 0) return;
    const invocation = random.pick([...this.#underWay.keys()]);
    invocation.heldUntilMs = schedule.nowMs + random.below(HELD_MS_MAX);
  }

  /** Lambda sees that an instance is gone. */
  buryDead(): void {
    for (const [invocation, end] of this.#underWay) {
      if (invocation.isDead) end({ kind: 'died' });
    }
  }

  #take(invocation: Invocation): Instance<Answer> {
    const reused = this.#platform.random.chance(REUSED) ? this.#idle.pop() : undefined;
    if (reused) {
      reused.current = invocation;
      return reused;
    }
    const instance: Instance<Answer> = {
      run: this.#make(this.#host(() => instance.current)),
      current: invocation,
    };
    return instance;
  }

  #host(current: () => Invocation): OrdersHost {
    const { schedule, network, dynamoDb, s3 } = this.#platform;
    return {
      env: this.#env,
      now: () => schedule.nowMs,
      sleep: (milliseconds) => schedule.sleep(current(), milliseconds),
      dynamoDb: asDynamoDbClient(network.connect(dynamoDb, current)),
      s3: asS3Client(network.connect(s3, current)),
      logger: { info: () => {} },
      metrics: NO_METRICS,
    };
  }
}
