// How the pipeline is, and what it refused.
import { amount, flag, list, nullable, object, type Read, text } from '../lib/shape.ts';
import { apiPath, askJson, cursorOf } from './client.ts';

const problem = object({ level: text, about: text, text });
const stream = object({
  half: text,
  topic: text,
  partition: amount,
  offset: nullable(text),
  newest_event_at: nullable(text),
  age_seconds: nullable(amount),
  moved_at: nullable(text),
  lag: nullable(text),
});
const place = { topic: text, partition: amount, offset: text } as const;
const entry = object({
  ...place,
  kept_at: nullable(text),
  bytes: nullable(amount),
  reason: nullable(text),
});
const header = object({ name: text, value: nullable(text), value_base64: nullable(text) });
const record = object({
  ...place,
  kept_at: nullable(text),
  bytes: nullable(amount),
  reason: nullable(text),
  timestamp: nullable(text),
  key: nullable(text),
  key_base64: nullable(text),
  value: nullable(text),
  value_base64: nullable(text),
  headers: nullable(list(header)),
  redrive: text,
  show: text,
});
const reason = object({ reason: nullable(text), count: amount, newest: object(place) });

const pipeline = object({
  generated_at: text,
  problems: list(problem),
  build: object({ version: nullable(text), reports_version: nullable(text) }),
  schema: nullable(
    object({ version: nullable(text), applied_at: nullable(text), pending: list(text) }),
  ),
  reports: nullable(
    object({
      generated_at: nullable(text),
      age_seconds: nullable(amount),
      epoch: nullable(amount),
    }),
  ),
  merge: nullable(
    object({
      segments: nullable(amount),
      milliseconds: nullable(amount),
      segments_waiting: nullable(amount),
    }),
  ),
  streams: list(stream),
  quarantine: object({
    count: amount,
    is_complete: flag,
    by_reason: list(reason),
    reasons_read: amount,
    newest: list(entry),
    example: nullable(record),
    abandoned_batches: nullable(amount),
  }),
  host: nullable(object({ data_directory: nullable(text), rate: nullable(amount) })),
});

export type Pipeline = ReturnType<typeof pipeline>;
export type Problem = ReturnType<typeof problem>;
export type Stream = ReturnType<typeof stream>;
export type Quarantine = Pipeline['quarantine'];
export type QuarantineEntry = ReturnType<typeof entry>;
export type QuarantinedRecord = ReturnType<typeof record>;

export function readPipeline(signal: AbortSignal): Promise<Pipeline> {
  return askJson(apiPath('pipeline/'), signal, pipeline);
}

export interface QuarantinePage {
  readonly entries: readonly QuarantineEntry[];
  readonly next: string | undefined;
}

export async function readQuarantine(
  { topic, cursor }: { readonly topic?: string; readonly cursor: string },
  signal: AbortSignal,
): Promise<QuarantinePage> {
  const path = apiPath('pipeline/quarantine/', [
    ['topic', topic],
    ['cursor', cursor || undefined],
  ]);
  const read: Read<{ next: string | null; results: readonly QuarantineEntry[] }> = object({
    next: nullable(text),
    results: list(entry),
  });
  const page = await askJson(path, signal, read);
  return { entries: page.results, next: cursorOf(page.next) };
}

export function readQuarantined(
  { topic, partition, offset }: Record<'topic' | 'partition' | 'offset', string>,
  signal: AbortSignal,
): Promise<QuarantinedRecord> {
  const path = `pipeline/quarantine/${encodeURIComponent(topic)}/${partition}/${offset}/`;
  return askJson(apiPath(path), signal, record);
}
