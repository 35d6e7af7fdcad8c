// What an endpoint of the API is: how it describes itself, what it takes, what it answers.
import type * as z from 'zod';
import { type ApiRequest, valuesOf } from '../query/api-request.ts';
import { commonParameters } from '../query/parameters.ts';
import { unheededIn, warningText } from '../query/unheeded.ts';
import { type Answer, badParameters, withHeaders } from '../respond/answer.ts';
import type { Format } from '../respond/media.ts';
import type { SCHEMAS } from '../respond/response-schemas.ts';

/** By name, so that only the description reads the schema itself. */
export type SchemaName = keyof typeof SCHEMAS;

export interface Call {
  readonly request: ApiRequest;
  /** What stands in the path for `:id` and the like. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly format: Format;
}

/** One method of an endpoint. */
export interface Operation {
  /** As Django REST Framework's OPTIONS would have it; the operation's id in the OpenAPI document. */
  readonly name: string;
  readonly description: string;
  /** The first is what a client gets that does not choose. */
  readonly formats: readonly Format[];
  /** What stands in the path, by name: an integer where it is `id`, else a text, when not said. */
  readonly path?: Readonly<Record<string, SchemaName>>;
  readonly parameters: z.ZodObject;
  /** The JSON that it answers; a name in `.meta({ id })` makes it a component of the document. */
  readonly response: SchemaName;
  /** The JSON of another of its forms; one that is not here is text. */
  readonly forms?: Readonly<Partial<Record<Format, SchemaName>>>;
  /** The status of success; 200 when not said. */
  readonly status?: number;
  /** What a POST takes. */
  readonly body?: SchemaName;
  /** Further answers than those that every operation may give, by their status. */
  readonly failures?: Readonly<Record<number, string>>;
  /** The same of another form. */
  readonly errors?: Readonly<Record<number, { description: string; schema: SchemaName }>>;
  readonly answer: (call: Call) => Promise<Answer>;
}

/** What more than GET, HEAD and OPTIONS it may take. */
export const CHANGING_METHODS = ['POST', 'DELETE'] as const;
export type ChangingMethod = (typeof CHANGING_METHODS)[number];

/** Its GET, and the methods beside it. */
export interface Endpoint extends Operation {
  readonly methods?: Readonly<Partial<Record<ChangingMethod, Operation>>>;
  /** There is no GET: its own description serves OPTIONS. */
  readonly isGetRefused?: true;
}

interface Definition<Parameters extends z.ZodObject> extends Omit<Endpoint, 'answer'> {
  readonly parameters: Parameters;
  readonly answer: (
    call: Call & { readonly parameters: z.output<Parameters> },
  ) => Answer | Promise<Answer>;
}

/**
 * The parameters that are documented are the ones that are checked. Also makes the operations of
 * `methods`: `methods: { DELETE: defineEndpoint({ … }) }`.
 */
export function defineEndpoint<Parameters extends z.ZodObject>(
  definition: Definition<Parameters>,
): Endpoint {
  return {
    ...definition,
    answer: async (call) => {
      const parameters = readParameters(definition.parameters, call.request);
      const warnings = warningsOf(definition.parameters, call.request);
      return withHeaders(await definition.answer({ ...call, parameters }), warnings);
    },
  };
}

/** @throws {ApiError} 400 with each parameter's complaint. */
function readParameters<Parameters extends z.ZodObject>(
  schema: Parameters,
  { query }: ApiRequest,
): z.output<Parameters> {
  const result = schema.safeParse(valuesOf(query));
  if (result.success) return result.data;
  const complaints = Map.groupBy(result.error.issues, ({ path }) => String(path[0]));
  const texts = [...complaints].map(([name, issues]) => [
    name,
    issues.slice(0, 1).map((issue) => issue.message),
  ]);
  throw badParameters(Object.fromEntries(texts));
}

/** @throws {ApiError} 400 in a strict request, and before anything is deleted by fewer filters than were meant. */
function warningsOf(schema: z.ZodObject, { method, query }: ApiRequest): Answer['headers'] {
  const known = [...Object.keys(schema.shape), ...Object.keys(commonParameters.shape), 'format'];
  const unheeded = unheededIn(query, known);
  if (Object.keys(unheeded).length === 0) return {};
  const isStrict = method === 'DELETE' || commonParameters.parse(valuesOf(query)).strict === true;
  if (isStrict) throw badParameters(unheeded);
  return { warning: warningText(unheeded) };
}
