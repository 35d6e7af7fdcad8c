// What Debezium writes beside the tables: heartbeats, transaction boundaries, schema changes, signals and
// notifications, and logical messages. None of them says anything of a row. Known by their shapes, as
// topics have any name. Pure.
// Shapes: Debezium documentation, PostgreSQL connector and "Sending signals", "Receiving notifications".
import { isEnvelope } from './events.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './exact-json.ts';

export function isSideRecord(payload: JsonObject): boolean {
  if (isEnvelope(payload)) return payload.op === 'm' || isSignal(payload.after ?? null);
  return (
    isHeartbeat(payload) ||
    isTransaction(payload) ||
    isSchemaChange(payload) ||
    isSignal(payload) ||
    isNotification(payload)
  );
}

function isHeartbeat(payload: JsonObject): boolean {
  return 'ts_ms' in payload && Object.keys(payload).every((name) => /^ts_[mun]s$/.test(name));
}

function isTransaction({ status, id, data_collections }: JsonObject): boolean {
  const isBoundary = status === 'BEGIN' || status === 'END';
  return isBoundary && typeof id === 'string' && data_collections !== undefined;
}

function isSchemaChange(payload: JsonObject): boolean {
  return 'tableChanges' in payload && 'source' in payload;
}

const SIGNALS = new Set([
  ...['execute-snapshot', 'stop-snapshot', 'pause-snapshot', 'resume-snapshot'],
  ...['log', 'schema-changes', 'snapshot-window-open', 'snapshot-window-close'],
]);

/** A row of the signalling table, which has these columns alone, or what a topic of signals holds. */
const SIGNAL_COLUMN = /^(?:id|type|data|__.*)$/;

function isSignal(value: JsonValue): boolean {
  if (!isJsonObject(value) || !('data' in value)) return false;
  const isNamed = typeof value.type === 'string' && SIGNALS.has(value.type);
  return isNamed && Object.keys(value).every((name) => SIGNAL_COLUMN.test(name));
}

function isNotification(payload: JsonObject): boolean {
  return 'aggregate_type' in payload && 'additional_data' in payload;
}
