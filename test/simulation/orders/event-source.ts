// Lambda's event source mapping: pollers that share the partitions of a topic, hand batches to the
// function and note how far they came. A rebalance gives a partition to another poller while the first
// one's invocation still runs: a twin.
import type { BatchCounts } from '../../../functions/kafka/batch-counts.ts';
import { EventBatch } from '../../../local/stream/msk-event.ts';
import type { Random } from '../../support/random.ts';
import { isOutage } from '../network.ts';
import type { Schedule } from '../schedule.ts';
import { showError } from './errors.ts';
import type { Ending, Invocation, LambdaFunction } from './lambda.ts';
import type { Log } from './topics.ts';

interface Poller {
  readonly logs: readonly Log[];
  invocation: Invocation | undefined;
  isGone: boolean;
}

interface Stretch {
  readonly log: Log;
  readonly from: number;
  readonly to: number;
}

export interface DeliveryCounts {
  batches: number;
  redelivered: number;
  rebalances: number;
  lateAnswers: number;
  outages: number;
}

export type Applied = BatchCounts & { readonly batchItemFailures: readonly unknown[] };

const BATCH_MAX = 14;
const HELD_MS_MAX = 30_000;
const COMMIT_LOST = 0.01;

export class EventSource {
  readonly counts: DeliveryCounts = {
    batches: 0,
    redelivered: 0,
    rebalances: 0,
    lateAnswers: 0,
    outages: 0,
  };
  /** What successful invocations answered, added up. */
  applied = 0;
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #fail: (failure: string) => void;
  #pollers: Poller[] = [];

  constructor(random: Random, schedule: Schedule, fail: (failure: string) => void) {
    this.#random = random;
    this.#schedule = schedule;
    this.#fail = fail;
  }

  /** Shares the partitions out anew; invocations under way go on without an owner. */
  rebalance(logs: readonly Log[]): void {
    this.counts.rebalances += 1;
    for (const poller of this.#pollers) {
      poller.isGone = true;
      // Often it is because it was slow that it lost its partitions.
      if (poller.invocation && this.#random.chance(0.4)) this.#hold(poller.invocation);
    }
    const owners = new Map<string, Log[]>();
    for (const log of logs) {
      const owner = `${log.topic} ${this.#random.below(2)}`;
      owners.set(owner, [...(owners.get(owner) ?? []), log]);
    }
    this.#pollers = [...owners.values()].map((owned) => ({
      logs: owned,
      invocation: undefined,
      isGone: false,
    }));
  }

  /** Each poller without an invocation takes what there is. */
  poll(lambda: LambdaFunction<Applied>): void {
    for (const poller of this.#pollers) if (!poller.invocation) this.#take(poller, lambda);
  }

  #take(poller: Poller, lambda: LambdaFunction<Applied>): void {
    const stretches = poller.logs.flatMap((log): Stretch[] => {
      const from = log.committed;
      const to = Math.min(log.records.length, from + this.#random.below(BATCH_MAX));
      return from < to ? [{ log, from, to }] : [];
    });
    const [first] = stretches;
    if (!first) return;
    const batch = new EventBatch(first.log.topic);
    for (const { log, from, to } of stretches) {
      for (const record of log.records.slice(from, to)) batch.tryAdd(record);
    }
    this.counts.batches += 1;
    poller.invocation = lambda.invoke(JSON.parse(batch.toEvent()), (ending) =>
      this.#whenEnded(poller, stretches, ending),
    );
    if (this.#random.chance(0.04)) this.#hold(poller.invocation);
  }

  #hold(invocation: Invocation): void {
    invocation.heldUntilMs = this.#schedule.nowMs + this.#random.below(HELD_MS_MAX);
  }

  #whenEnded(poller: Poller, stretches: readonly Stretch[], ending: Ending<Applied>): void {
    poller.invocation = undefined;
    if (poller.isGone) this.counts.lateAnswers += 1;
    if (ending.kind === 'failed') this.#checkError(ending.error);
    if (ending.kind === 'answered') this.#checkAnswer(ending.answer, stretches);
    const isCommitted =
      ending.kind === 'answered' && !poller.isGone && !this.#random.chance(COMMIT_LOST);
    for (const { log, to } of stretches) {
      if (isCommitted) log.committed = Math.max(log.committed, to);
      else this.counts.redelivered += 1;
    }
  }

  #checkError(error: unknown): void {
    this.counts.outages += 1;
    if (isOutage(error)) return;
    this.#fail(`An invocation failed: ${showError(error)}`);
  }

  #checkAnswer(answer: Applied, stretches: readonly Stretch[]): void {
    const { records, applied, skipped, ignored, quarantined, batchItemFailures } = answer;
    const sent = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
    const isRight =
      records === sent &&
      applied + skipped + ignored + quarantined === sent &&
      batchItemFailures.length === 0;
    if (!isRight) this.#fail(`${sent} records were answered by ${JSON.stringify(answer)}`);
    this.applied += applied;
  }
}
