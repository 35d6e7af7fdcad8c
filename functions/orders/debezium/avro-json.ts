// Avro's JSON encoding names the branch of a union: `{"int": 10}`, `{"dbserver1.public.orders.Value": {…}}`.
// Apache Avro specification, "JSON Encoding". Pure.
import { isJsonObject, type JsonValue } from './exact-json.ts';

const BRANCHES = new Set(['int', 'long', 'string', 'boolean', 'float', 'double']);

/** The value in a union, and any other value as it is. A name with a point is a type's, not a column's. */
export function unwrapUnion(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value);
  const [name = ''] = names;
  const isUnion = names.length === 1 && (BRANCHES.has(name) || name.includes('.'));
  return isUnion ? (value[name] ?? null) : value;
}
