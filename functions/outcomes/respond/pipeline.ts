// How the pipeline stands, as JSON: 64 bits as text, what is not known as null. Pure.
import { API_VERSION } from '../../contracts.ts';
import { readQuarantined } from '../../kafka/quarantined.ts';
import type { Header } from '../../kafka/records.ts';
import { type CommandPlace, redriveCommand, showCommand } from '../pipeline/commands.ts';
import type { StoredRecord } from '../pipeline/pipeline-store.ts';
import { findProblems, secondsBetween } from '../pipeline/problems.ts';
import { countReasons } from '../pipeline/refusals.ts';
import type { PipelineState, Position, Refusal, StreamState } from '../pipeline/state.ts';

export const QUARANTINE_PATH = '/api/pipeline/quarantine/';
const SHOWN_REFUSALS = 10;

/** The URL of a path of this API. */
type UrlOf = (path: string) => string;

export function renderPipeline(state: PipelineState, urlOf: UrlOf, example: object | null): object {
  const { nowMs, run, schema, streams, quarantine, abandoned, host } = state;
  const reasons = countReasons(quarantine.newest);
  return {
    generated_at: isoMs(nowMs),
    problems: findProblems(state),
    build: { version: API_VERSION, reports_version: run?.version ?? null },
    schema: schema
      ? {
          version: schema.newest ?? null,
          applied_at: schema.appliedAt ?? null,
          pending: schema.pending,
        }
      : null,
    reports: run
      ? {
          generated_at: run.generatedAt,
          age_seconds: secondsBetween(Date.parse(`${run.generatedAt}Z`), nowMs),
          epoch: run.epoch ?? null,
        }
      : null,
    merge: run?.merge ?? null,
    streams: streams.map((stream) => renderStream(stream, nowMs)),
    quarantine: {
      count: quarantine.count,
      is_complete: quarantine.isComplete,
      url: urlOf(QUARANTINE_PATH),
      by_reason: reasons.map(({ reason, count, newest: { topic, partition, offset } }) => ({
        ...{ reason, count },
        newest: {
          ...{ topic, partition, offset },
          url: recordUrl({ topic, partition, offset }, urlOf),
        },
      })),
      reasons_read: quarantine.newest.length,
      newest: quarantine.newest
        .slice(0, SHOWN_REFUSALS)
        .map((refusal) => renderRefusal(refusal, urlOf)),
      example,
      abandoned_batches: abandoned,
    },
    host: host ? withoutStreams(host.told) : null,
  };
}

export function renderRefusal(refusal: Refusal, urlOf: UrlOf): object {
  const { topic, partition, offset, keptMs, bytes, reason = null } = refusal;
  const url = recordUrl(refusal, urlOf);
  return { topic, partition, offset, kept_at: isoMs(keptMs), bytes, reason, url };
}

/** @throws {TypeError | SyntaxError} when the document is not of a known form. */
export function renderStoredRecord(stored: StoredRecord, place: CommandPlace): object {
  const { topic, partition, offset, keptMs, bytes, document } = stored;
  const { reason, streamEpoch, records } = readQuarantined(document);
  const [record] = records;
  if (!record) throw new TypeError('The document holds no record.');
  return {
    ...{ topic, partition, offset, kept_at: isoMs(keptMs), bytes, reason },
    stream_epoch: streamEpoch ?? null,
    timestamp: record.timestamp < 0 ? null : isoMs(record.timestamp),
    ...renderBytes('key', record.key),
    ...renderBytes('value', record.value),
    headers: record.headers.map(({ name, value }: Header) => ({
      name,
      ...renderBytes('value', value),
    })),
    redrive: redriveCommand(stored, place),
    show: showCommand(stored, place),
  };
}

function renderStream(stream: StreamState, nowMs: number): object {
  const { half, epoch, topic, partition, offset, newestEventMs, movedMs, lag } = stream;
  return {
    ...{ half, epoch: epoch ?? null, topic, partition },
    offset: offset?.toString() ?? null,
    newest_event_at: newestEventMs === undefined ? null : isoMs(newestEventMs),
    age_seconds: newestEventMs === undefined ? null : secondsBetween(newestEventMs, nowMs),
    moved_at: movedMs === undefined ? null : isoMs(movedMs),
    lag: lag?.toString() ?? null,
  };
}

function withoutStreams({ streams: _, ...told }: Readonly<Record<string, unknown>>): object {
  return told;
}

function recordUrl({ topic, partition, offset }: Position, urlOf: UrlOf): string {
  return urlOf(`${QUARANTINE_PATH}${topic}/${partition}/${offset}/`);
}

/** Text where it is text, else base64: as the quarantine document has it. */
function renderBytes(name: string, bytes: Buffer | null): object {
  const text = bytes?.toString('utf8');
  const isText = text !== undefined && Buffer.from(text).equals(bytes ?? Buffer.alloc(0));
  return {
    [name]: isText ? text : null,
    [`${name}_base64`]: bytes && !isText ? bytes.toString('base64') : null,
  };
}

function isoMs(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
