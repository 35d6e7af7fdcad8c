// What an endpoint of the API is: how it describes itself, what it takes, what it answers.
import type * as z from 'zod';
import { type ApiRequest, lastValues } from '../query/api-request.ts';
import { type Answer, badParameters } from '../respond/answer.ts';
import type { Format } from '../respond/media.ts';

export interface Call {
  readonly request: ApiRequest;
  /** What stands in the path for `:id` and the like. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly format: Format;
}

/** One method of an endpoint. */
export interface Operation {
  /** As Django REST Framework's OPTIONS would have it. */
  readonly name: string;
  readonly description: string;
  /** The first is what a client gets that does not choose. */
  readonly formats: readonly Format[];
  readonly parameters: z.ZodObject;
  /** The JSON that it answers. */
  readonly response: z.ZodType;
  /** The status of success; 200 when not said. */
  readonly status?: number;
  readonly answer: (call: Call) => Promise<Answer>;
}

/** What more than GET, HEAD and OPTIONS it may take. */
export const CHANGING_METHODS = ['DELETE'] as const;
export type ChangingMethod = (typeof CHANGING_METHODS)[number];

/** Its GET, and the methods beside it. */
export interface Endpoint extends Operation {
  readonly methods?: Readonly<Partial<Record<ChangingMethod, Operation>>>;
}

interface Definition<Parameters extends z.ZodObject> extends Omit<Endpoint, 'answer'> {
  readonly parameters: Parameters;
  readonly answer: (
    call: Call & { readonly parameters: z.output<Parameters> },
  ) => Answer | Promise<Answer>;
}

/** The parameters that are documented are the ones that are checked. */
export function defineEndpoint<Parameters extends z.ZodObject>(
  definition: Definition<Parameters>,
): Endpoint {
  return {
    ...definition,
    answer: async (call) => {
      const parameters = readParameters(definition.parameters, call.request);
      return definition.answer({ ...call, parameters });
    },
  };
}

/** @throws {ApiError} 400 with each parameter's complaint. */
function readParameters<Parameters extends z.ZodObject>(
  schema: Parameters,
  { query }: ApiRequest,
): z.output<Parameters> {
  const result = schema.safeParse(lastValues(query));
  if (result.success) return result.data;
  const complaints = Map.groupBy(result.error.issues, ({ path }) => String(path[0]));
  throw badParameters(
    Object.fromEntries(
      [...complaints].map(([name, issues]) => [
        name,
        issues.slice(0, 1).map((issue) => issue.message),
      ]),
    ),
  );
}
