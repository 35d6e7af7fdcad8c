// A record that was refused, or given up with its batch, and sent again: a header tells where it stood
// first, so that it counts at that place and once. Pure.
import { REDRIVEN_HEADER } from '../contracts.ts';
import type { KafkaRecord } from './records.ts';

export interface RecordOrigin {
  readonly stream: string;
  readonly offset: bigint;
  readonly timestamp: number;
}

export class RedrivenHeaderError extends Error {
  override readonly name = 'RedrivenHeaderError';
}

const FORM =
  /^(?<stream>[A-Za-z0-9_-]{1,32}:(?<partition>\d{1,10}))\/(?<offset>\d{1,19})@(?<timestamp>-?\d{1,19})$/;
/** Kafka's, and PostgreSQL's bigint. */
const OFFSET_MAX = 2n ** 63n - 1n;

/**
 * `undefined` for a record that was never sent again.
 * @throws {RedrivenHeaderError} when the header is not of our making: nothing tells its place then.
 */
export function readOrigin({ headers, partition }: KafkaRecord): RecordOrigin | undefined {
  const header = headers.find(({ name }) => name === REDRIVEN_HEADER);
  if (!header) return undefined;
  const text = header.value?.toString('utf8') ?? '';
  const { stream, offset, timestamp, partition: first } = FORM.exec(text)?.groups ?? {};
  const isPlace = offset !== undefined && BigInt(offset) <= OFFSET_MAX;
  if (stream === undefined || !isPlace || Number(first) !== partition) {
    const shown = JSON.stringify(text.slice(0, 100));
    throw new RedrivenHeaderError(
      `header ${REDRIVEN_HEADER} is ${shown}; must be <epoch>:${partition}/<offset>@<timestamp>`,
    );
  }
  return { stream, offset: BigInt(offset), timestamp: Number(timestamp) };
}

/** The header's text for a record as it stands now. */
export function showOrigin(
  streamEpoch: string,
  { partition, offset, timestamp }: Pick<KafkaRecord, 'partition' | 'offset' | 'timestamp'>,
): string {
  return `${streamEpoch}:${partition}/${offset}@${timestamp}`;
}
