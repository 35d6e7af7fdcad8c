// A record that was refused, or given up with its batch, and sent again: a header tells where it stood
// first, so that it counts at that place and once. Pure.
import { REDRIVEN_HEADER } from '../contracts.ts';
import type { KafkaRecord } from './records.ts';
import { streamName } from './stream.ts';

export interface RecordOrigin {
  readonly stream: string;
  readonly offset: bigint;
  readonly timestamp: number;
}

export class RedrivenHeaderError extends Error {
  override readonly name = 'RedrivenHeaderError';
}

// Records that were sent again before streams had their topic in their names have none in the header.
const FORM =
  /^(?<epoch>[A-Za-z0-9_-]{1,32}):(?:(?<topic>[A-Za-z0-9._-]{1,249}):)?(?<partition>\d{1,10})\/(?<offset>\d{1,19})@(?<timestamp>-?\d{1,19})$/;
/** Kafka's, and PostgreSQL's bigint. */
const OFFSET_MAX = 2n ** 63n - 1n;

/**
 * `undefined` for a record that was never sent again.
 * @throws {RedrivenHeaderError} when the header is not of our making: nothing tells its place then.
 */
export function readOrigin({ headers, topic, partition }: KafkaRecord): RecordOrigin | undefined {
  const header = headers.find(({ name }) => name === REDRIVEN_HEADER);
  if (!header) return undefined;
  const text = header.value?.toString('utf8') ?? '';
  const { epoch, offset, timestamp, ...first } = FORM.exec(text)?.groups ?? {};
  const isPlace = offset !== undefined && BigInt(offset) <= OFFSET_MAX;
  const isOfHere = (first.topic ?? topic) === topic && Number(first.partition) === partition;
  if (epoch === undefined || !isPlace || !isOfHere) {
    const shown = JSON.stringify(text.slice(0, 100));
    throw new RedrivenHeaderError(
      `header ${REDRIVEN_HEADER} is ${shown}; must be <epoch>:${topic}:${partition}/<offset>@<timestamp>`,
    );
  }
  return {
    stream: streamName(epoch, topic, partition),
    offset: BigInt(offset),
    timestamp: Number(timestamp),
  };
}

/** The header's text for a record as it stands now. */
export function showOrigin(
  streamEpoch: string,
  record: Pick<KafkaRecord, 'topic' | 'partition' | 'offset' | 'timestamp'>,
): string {
  const { topic, partition, offset, timestamp } = record;
  return `${streamName(streamEpoch, topic, partition)}/${offset}@${timestamp}`;
}
