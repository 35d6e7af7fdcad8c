// A message as it is, or the one in what a converter or a platform put around it: `{schema, payload}` of
// Kafka Connect, or a CloudEvent's `data`. Pure.
import { isObject, type JsonObject } from './message-json.ts';

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
