// zod's schemas → JSON Schema, with those that have a name as components of the OpenAPI document. Pure.
import * as z from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Components {
  /** As it stands in the document: by reference where it has a name. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** All that were named so far, by name. */
  schemas(): Readonly<Record<string, JsonSchema>>;
}

export function makeComponents(): Components {
  const named = new Map<string, JsonSchema>();
  return {
    schemaOf(schema, io) {
      const { $schema: _, $defs = {}, ...rest } = referring(z.toJSONSchema(schema, { io }));
      for (const [name, form] of Object.entries($defs as Record<string, JsonSchema>)) {
        named.set(name, form);
      }
      return rest;
    },
    schemas: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** References go to the document's components. */
function referring(schema: object): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text);
}
