// Avro's JSON encoding names the branch of a union: `{"int": 10}`, `{"dbserver1.public.orders.Value": {…}}`.
// Apache Avro specification, "JSON Encoding". Pure.
import { isJsonObject, type JsonValue } from './exact-json.ts';

const BRANCHES = new Set(['int', 'long', 'string', 'boolean', 'float', 'double']);

/** The value in a union, and any other value as it is. A name with a point is a type's, not a column's. */
export function unwrapUnion(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  const isUnion = name !== undefined && others.length === 0;
  return isUnion && (BRANCHES.has(name) || name.includes('.')) ? (value[name] ?? null) : value;
}
