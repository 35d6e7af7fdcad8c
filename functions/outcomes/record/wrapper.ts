// A message as it is, or the one in what a converter or a platform put around it: `{schema, payload}` of
// Kafka Connect, or a CloudEvent's `data`; and a field's value out of a union of Avro. Pure.
import { isObject, type Json, type JsonObject } from './message-json.ts';

/** The message, or why there is none in the wrapper. */
export function unwrapMessage(message: JsonObject): JsonObject | string {
  const inner = isConnectMessage(message) ? message.payload : message;
  if (!isObject(inner ?? null)) return 'payload: must be a JSON object';
  const event = inner as JsonObject;
  if (!isCloudEvent(event)) return event;
  const { data = null } = event;
  return isObject(data) ? data : 'data: must be a JSON object, as it is of a CloudEvent';
}

function isConnectMessage(message: JsonObject): boolean {
  const isNamed = 'payload' in message && 'schema' in message;
  return isNamed && Object.keys(message).length === 2;
}

/** CloudEvents specification 1.0, "Required attributes". */
function isCloudEvent(message: JsonObject): boolean {
  return ['specversion', 'id', 'source', 'type'].every((name) => typeof message[name] === 'string');
}

const BRANCHES = new Set(['string', 'int', 'long', 'float', 'double', 'boolean', 'array']);

/** Avro's JSON names the branch of a union: `{"string": "b1"}`. Apache Avro specification, "JSON Encoding". */
export function unwrapUnion(value: Json): Json {
  if (!isObject(value)) return value;
  const [branch = '', ...others] = Object.keys(value);
  return others.length === 0 && BRANCHES.has(branch) ? (value[branch] ?? null) : value;
}
