// What was kept, read back: a quarantine document, or a whole batch that Lambda gave up and wrote to S3.
// Form of the latter: AWS Lambda Developer Guide, "Capturing discarded batches for Amazon MSK and
// self-managed Apache Kafka event sources". Pure.
import { isUtf8 } from 'node:buffer';
import { type Header, type KafkaRecord, readPartitionBatches } from './records.ts';

export interface Quarantined {
  readonly reason: string;
  /** Absent where nobody wrote it down: Lambda does not know it. */
  readonly streamEpoch?: string;
  /** By partition, in offset order. */
  readonly records: readonly KafkaRecord[];
}

/** @throws {TypeError} that says what is missing, when the text is neither of the two. */
export function readQuarantined(text: string): Quarantined {
  const document = parseExact(text);
  return 'payload' in document || 'requestContext' in document
    ? readAbandonedBatch(document)
    : readDocument(document);
}

function readDocument(document: Fields): Quarantined {
  const { topic, partition, offset, timestamp, reason, stream_epoch: streamEpoch } = document;
  const isPosition = typeof topic === 'string' && typeof partition === 'number';
  if (!isPosition || typeof reason !== 'string' || !/^\d+$/.test(String(offset))) {
    throw new TypeError(
      'It is no quarantine document: topic, partition, offset or reason is missing.',
    );
  }
  const headers = Array.isArray(document.headers) ? document.headers.filter(isFields) : [];
  const record: KafkaRecord = {
    ...{ topic, partition, offset: BigInt(String(offset)) },
    timestamp: typeof timestamp === 'number' ? timestamp : -1,
    key: readBytes(document, 'key'),
    value: readBytes(document, 'value'),
    headers: headers.map(toHeader),
  };
  return {
    reason,
    ...(typeof streamEpoch === 'string' && { streamEpoch }),
    records: [record],
  };
}

/** `payload` is the function's event, as text in the text. */
function readAbandonedBatch({ requestContext, responseContext, payload }: Fields): Quarantined {
  const { condition = 'unknown', approximateInvokeCount } = isFields(requestContext)
    ? requestContext
    : {};
  const { functionError } = isFields(responseContext) ? responseContext : {};
  const event = typeof payload === 'string' ? parseExact(payload) : payload;
  if (event === undefined) {
    throw new TypeError('It has no payload: only a destination in S3 keeps the records.');
  }
  const tries =
    approximateInvokeCount === undefined ? '' : ` after ${approximateInvokeCount} tries`;
  const error = functionError === undefined ? '' : ` (${functionError})`;
  return {
    reason: `given up by Lambda${tries}: ${condition}${error}`,
    records: readPartitionBatches(event).flatMap(({ records }) => records),
  };
}

function toHeader(header: Fields): Header {
  const value = readBytes(header, 'value') ?? Buffer.alloc(0);
  return { name: String(header.name), value };
}

function readBytes(fields: Fields, name: string): Buffer | null {
  const [text, base64] = [fields[name], fields[`${name}_base64`]];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : null;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An offset that a double cannot hold stays the digits that were written. */
function parseExact(text: string): Fields {
  const value = JSON.parse(text, (key, value: unknown, { source }) => {
    const isInexact = typeof value === 'number' && !Number.isSafeInteger(value);
    return key === 'offset' && isInexact && source !== undefined ? source : value;
  });
  if (!isFields(value)) throw new TypeError('It is no JSON object.');
  return value;
}

/** For eyes: text as it is, JSON over several lines, other bytes as base64. */
export function showBytes(bytes: Buffer | null): string {
  if (bytes === null) return 'null';
  if (!isUtf8(bytes)) return `base64 ${bytes.toString('base64')}`;
  const text = bytes.toString('utf8');
  try {
    JSON.parse(text);
    return indentJson(text);
  } catch {
    return text;
  }
}

/** Numbers keep the digits that were written. */
function indentJson(text: string): string {
  const exact: unknown = JSON.parse(text, (_key, value: unknown, { source }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  );
  return JSON.stringify(exact, null, 2);
}
