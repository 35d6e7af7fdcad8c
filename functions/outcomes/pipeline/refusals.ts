// What is told of records in quarantine: their place by their key, their reason by the beginning of their document,
// and reasons that differ by the values in them alone as one. Pure.
import { QUARANTINE_PREFIX, TOPIC_NAME } from '../../contracts.ts';
import type { Position, Refusal, RefusedRecord } from './state.ts';

const KEY = /^(?<topic>[^/]+)\/(?<partition>\d{1,10})\/(?<offset>\d{1,19})\.json$/;
const REASON = /"reason":\s*"((?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*)/;

/** `undefined` when it is not the key of a record in quarantine. */
export function readKey(key: string): Position | undefined {
  const {
    topic = '',
    partition,
    offset = '',
  } = KEY.exec(key.slice(QUARANTINE_PREFIX.length))?.groups ?? {};
  if (!key.startsWith(QUARANTINE_PREFIX) || !TOPIC_NAME.test(topic)) return undefined;
  return { topic, partition: Number(partition), offset };
}

/** @param beginning of the document: it stands before the key and the value. */
export function readReason(beginning: string): string | undefined {
  const [, text] = REASON.exec(beginning) ?? [];
  return text === undefined ? undefined : String(JSON.parse(`"${text}"`));
}

/** What was kept in one second stands by its key. */
export function newestFirst(a: RefusedRecord, b: RefusedRecord): number {
  return b.keptMs - a.keptMs || (a.key < b.key ? 1 : -1);
}

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
  readonly newest: Refusal;
}

/** The most frequent first. */
export function countReasons(refusals: readonly Refusal[]): ReasonCount[] {
  const groups = Map.groupBy(refusals, ({ reason }) => generalReason(reason));
  return [...groups]
    .flatMap(([reason, [newest, ...others]]) =>
      newest ? [{ reason, count: others.length + 1, newest }] : [],
    )
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function generalReason(reason = 'The reason cannot be read.'): string {
  return reason
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replaceAll(/'(?:[^'\\]|\\.)'/g, "'…'")
    .replaceAll(/\b(position|line|column|at) \d+/g, '$1 …');
}
