// A line of a capture file as a record, or the reason why it is none. Pure.
import { isUtf8 } from 'node:buffer';
import { TOPIC_NAME } from '../../functions/contracts.ts';
import type { Header, StreamRecord } from './record.ts';

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A line that is no record: it is quarantined, with all of its bytes, and the replay goes on. */
export interface RefusedLine extends Position {
  readonly timestamp: number | null;
  readonly reason: string;
  readonly line: Buffer;
}

export type CaptureLine =
  | { readonly kind: 'record'; readonly record: StreamRecord }
  | { readonly kind: 'refused'; readonly refused: RefusedLine };

const PARTITION_MAX = 2 ** 31 - 1;
const OFFSET_MAX = 2n ** 63n - 1n;

/** @param fallback the position of a line that does not tell its own. */
export function readCaptureLine(line: Buffer, fallback: Position): CaptureLine {
  if (!isUtf8(line)) return refuse(line, fallback, null, 'the line is not UTF-8 text');
  const text = line.toString('utf8');
  const fields = parseObject(text);
  if (!fields) return refuse(line, fallback, null, 'the line is not a JSON object');

  const position = readPosition(fields, text);
  if (!position) {
    return refuse(line, fallback, null, 'topic, partition and offset do not name a position');
  }
  const timestamp = fields.timestamp ?? -1; // Kafka's own "none"
  if (!Number.isSafeInteger(timestamp)) {
    return refuse(line, position, null, 'timestamp is not a whole number');
  }
  const { key = null, value } = fields;
  const headers = readHeaders(fields.headers);
  const refuseField = (reason: string) => refuse(line, position, Number(timestamp), reason);
  if (!isTextOrNull(key)) return refuseField('key is neither text nor null');
  if (!isTextOrNull(value)) return refuseField('value is neither text nor null');
  if (!headers) return refuseField('headers is neither a list of objects nor an object');
  return {
    kind: 'record',
    record: { ...position, timestamp: Number(timestamp), key, value, headers },
  };
}

function refuse(
  line: Buffer,
  position: Position,
  timestamp: number | null,
  reason: string,
): CaptureLine {
  return { kind: 'refused', refused: { ...position, timestamp, reason, line } };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

function readPosition(fields: Record<string, unknown>, text: string): Position | undefined {
  const { topic, partition } = fields;
  if (typeof topic !== 'string' || !TOPIC_NAME.test(topic)) return undefined;
  if (!Number.isSafeInteger(partition)) return undefined;
  if (Number(partition) < 0 || Number(partition) > PARTITION_MAX) return undefined;
  const offset = readOffset(fields.offset, text);
  return offset === undefined ? undefined : { topic, partition: Number(partition), offset };
}

function readOffset(value: unknown, text: string): bigint | undefined {
  // A double has lost digits of a large offset: read the line's own digits instead.
  const exact = Number.isSafeInteger(value) ? value : offsetText(text);
  const digits = String(exact);
  if (!/^\d{1,19}$/.test(digits)) return undefined;
  const offset = BigInt(digits);
  return offset <= OFFSET_MAX ? offset : undefined;
}

function offsetText(text: string): unknown {
  const fields = JSON.parse(text, function (this: unknown, key, value: unknown, { source }) {
    return key === 'offset' && typeof value === 'number' ? source : value;
  });
  return isObject(fields) ? fields.offset : undefined;
}

/** Tools write headers in several forms, and no figure depends on them: any object or list will do. */
function readHeaders(value: unknown): Header[] | undefined {
  const list = isObject(value) ? [value] : (value ?? []);
  if (!Array.isArray(list) || !list.every(isObject)) return undefined;
  return list.flatMap((header) => Object.entries(header)).map(toHeader);
}

function toHeader([name, value]: [string, unknown]): Header {
  return [name, isTextOrNull(value) ? value : JSON.stringify(value)];
}

/** The document of a refused line, in the form in which the functions quarantine records. */
export function renderRefusedLine(refused: RefusedLine): string {
  const { topic, partition, offset, timestamp, reason, line } = refused;
  const raw = isUtf8(line) ? { value: line.toString() } : { value_base64: line.toString('base64') };
  const document = {
    topic,
    partition,
    offset: JSON.rawJSON(offset.toString()),
    timestamp,
    reason,
    key: null,
    ...raw,
    headers: [],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
