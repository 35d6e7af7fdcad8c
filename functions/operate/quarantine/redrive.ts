// Sends what was kept again: each record to its own topic and partition, under the header that tells
// where it stood first. An object is moved away only when the topic has its records. Killed in between,
// it is there still and is sent once more, which changes nothing: docs/decisions/0008-redrive.md.
import { REDRIVEN_HEADER } from '../../contracts.ts';
import type { KafkaRecord } from '../../kafka/records.ts';
import { readOrigin, showOrigin } from '../../kafka/redriven.ts';
import type { KeptObjects, ReadObject } from './kept-objects-store.ts';

export type OutgoingRecord = Omit<KafkaRecord, 'offset'>;

export interface Target {
  /** Resolves when all of them are safe in their topic, in this order. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface RedriveOptions {
  /** Of objects that do not say it. */
  readonly streamEpoch: string;
  readonly isDryRun: boolean;
  /** Records of orders before this moment stay: see `isForgotten`. */
  readonly oldestMs: number;
  readonly isOutcome: (topic: string) => boolean;
}

export interface Redriven {
  readonly objects: number;
  readonly records: number;
  /** Objects left where they are, as some of their records are too old. */
  readonly tooOld: readonly string[];
  /** Objects that could not be sent, and why; the others were. */
  readonly failed: readonly Failed[];
}

export interface Failed {
  readonly key: string;
  readonly reason: string;
}

const OBJECTS_AT_ONCE = 100;

export async function redrive(
  objects: AsyncIterable<ReadObject>,
  kept: KeptObjects,
  target: Target,
  options: RedriveOptions,
): Promise<Redriven> {
  const tooOld: string[] = [];
  const failed: Failed[] = [];
  let [sent, records] = [0, 0];
  let batch: ReadObject[] = [];
  async function send(some: readonly ReadObject[]): Promise<void> {
    const outgoing = some.flatMap((object) => toOutgoing(object, options));
    if (!options.isDryRun && some.length > 0) {
      await target.send(outgoing);
      for (const object of some) await kept.moveAway(object);
    }
    sent += some.length;
    records += outgoing.length;
  }
  async function flush(): Promise<void> {
    const some = batch;
    batch = [];
    try {
      await send(some);
    } catch (error) {
      if (some.length === 1) throw error;
      // One of them holds no other: each for itself. What was sent comes a second time, which changes nothing.
      const before = failed.length;
      for (const object of some) await send([object]).catch((reason) => tell(object, reason));
      // Where none can be sent it is the place they go to that is wrong.
      if (failed.length - before === some.length) throw error;
    }
  }
  function tell({ key }: ReadObject, error: unknown): void {
    failed.push({ key, reason: error instanceof Error ? error.message : String(error) });
  }
  for await (const object of objects) {
    if (isForgotten(object, options)) {
      tooOld.push(object.key);
      continue;
    }
    batch.push(object);
    if (batch.length === OBJECTS_AT_ONCE) await flush();
  }
  await flush();
  return { objects: sent, records, tooOld, failed };
}

/**
 * Of a deleted row the stores remember for a week that it is gone. An older event of it would bring it
 * back. Outcomes are never deleted.
 */
function isForgotten({ records }: ReadObject, { oldestMs, isOutcome }: RedriveOptions): boolean {
  return records.some((record) => !isOutcome(record.topic) && firstSentMs(record) < oldestMs);
}

function firstSentMs(record: KafkaRecord): number {
  return readOrigin(record)?.timestamp ?? record.timestamp;
}

/** One that was sent again before keeps its first place. */
function toOutgoing(object: ReadObject, { streamEpoch }: RedriveOptions): OutgoingRecord[] {
  return object.records.map((record) => {
    const { offset: _offset, ...rest } = record;
    const origin = readOrigin(record);
    if (origin) return { ...rest, timestamp: origin.timestamp };
    const text = showOrigin(object.streamEpoch ?? streamEpoch, record);
    const header = { name: REDRIVEN_HEADER, value: Buffer.from(text) };
    return { ...rest, headers: [...record.headers, header] };
  });
}
