// From a stream of records to invocations, as Lambda's event source mapping for Kafka does it: one
// topic an event, in order, the batch again until it succeeds, the position only then.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionName } from '../../functions/contracts.ts';
import { FunctionError } from '../shared/function-error.ts';
import { UserError } from '../shared/user-error.ts';
import { type BatchCounts, readBatchAnswer } from './batch-answer.ts';
import { EventBatch } from './msk-event.ts';
import type { RawRecord } from './record.ts';
import type { Routes } from './routes.ts';

export interface Delivery {
  readonly topic: string;
  readonly functionName: FunctionName;
  readonly lastOffsets: ReadonlyMap<number, bigint>;
  readonly counts: BatchCounts;
}

export interface MappingOptions {
  readonly routes: Routes;
  readonly invoke: (name: FunctionName, event: string) => Promise<string>;
  readonly batchSize: number;
  /** The batch counts as consumed when this is through. */
  readonly onDelivered: (delivery: Delivery) => void | Promise<void>;
  /** Infinity, as Lambda has it, or a bound after which the error ends the command. */
  readonly attemptsMax: number;
  readonly onRetry: (failure: string, delayMs: number) => void;
  /** Ends the waiting between attempts; the batch is then not consumed. */
  readonly signal?: AbortSignal;
}

const RETRY_DELAY_MS = 250;
const RETRY_DELAY_MAX_MS = 30_000;

export class EventSourceMapping {
  readonly #options: MappingOptions;
  readonly #batches = new Map<string, EventBatch>();

  constructor(options: MappingOptions) {
    this.#options = options;
  }

  async push(record: RawRecord): Promise<void> {
    const { topic } = record;
    let batch = this.#batches.get(topic) ?? new EventBatch(topic);
    if (!batch.tryAdd(record)) {
      await this.#deliver(batch);
      batch = new EventBatch(topic);
      batch.tryAdd(record);
    }
    this.#batches.set(topic, batch);
    if (batch.count >= this.#options.batchSize) await this.#deliver(batch);
  }

  /** Delivers what is left, as the end of Lambda's batching window does. */
  async flush(): Promise<void> {
    for (const batch of [...this.#batches.values()]) await this.#deliver(batch);
  }

  async #deliver(batch: EventBatch): Promise<void> {
    this.#batches.delete(batch.topic);
    const { topic, lastOffsets } = batch;
    const functionName = this.#options.routes(topic);
    const counts = await this.#invokeUntilSuccess(functionName, batch);
    await this.#options.onDelivered({ topic, functionName, lastOffsets, counts });
  }

  async #invokeUntilSuccess(name: FunctionName, batch: EventBatch): Promise<BatchCounts> {
    const { invoke, attemptsMax, onRetry, signal } = this.#options;
    const event = batch.toEvent();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return readBatchAnswer(name, await invoke(name, event));
      } catch (error) {
        if (!(error instanceof FunctionError)) throw error;
        const failure = `${name} failed on ${describe(batch)}: ${error.name}: ${error.message}`;
        if (attempt >= attemptsMax) {
          throw new UserError(`${failure} (${attempt} attempts). What came before it is applied.`);
        }
        const delayMs = Math.min(RETRY_DELAY_MS * 2 ** (attempt - 1), RETRY_DELAY_MAX_MS);
        onRetry(failure, delayMs);
        await sleep(delayMs, undefined, signal ? { signal } : {});
      }
    }
  }
}

function describe({ topic, count, lastOffsets }: EventBatch): string {
  const ends = [...lastOffsets].map(([partition, offset]) => `${partition} to offset ${offset}`);
  return `${count} records of ${topic} (partition ${ends.join(', ')})`;
}
