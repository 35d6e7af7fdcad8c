// A request of GraphQL over HTTP → its answer: graphql-http speaks the protocol, graphql-js checks and executes. Pure.
import { GraphQLError, NoSchemaIntrospectionCustomRule, parse } from 'graphql';
import { createHandler } from 'graphql-http';
import type { ApiRequest } from '../query/api-request.ts';
import { type Answer, ApiError } from '../respond/answer.ts';
import { type Format, MEDIA_TYPES } from '../respond/media.ts';
import { makeLimitRule, TOKENS_MAX } from './limits.ts';
import { type Endpoints, makeResolvers } from './resolvers.ts';
import { makeSchema } from './schema.ts';

export interface GraphqlOptions {
  readonly endpoints: Endpoints;
  readonly isIntrospectable: boolean;
}

const BODY_CHARACTERS_MAX = 100_000;
const schema = makeSchema();

export async function answerGraphql(
  request: ApiRequest,
  format: Format,
  { endpoints, isIntrospectable }: GraphqlOptions,
): Promise<Answer> {
  if (request.body.length > BODY_CHARACTERS_MAX) {
    const detail = `The request is larger than ${BODY_CHARACTERS_MAX} characters.`;
    throw new ApiError(413, { detail });
  }
  let fault: unknown;
  const rules = isIntrospectable ? [] : [NoSchemaIntrospectionCustomRule];
  const handle = createHandler({
    schema,
    rootValue: makeResolvers(endpoints, request),
    validationRules: (_request, _args, specified) => [
      ...specified,
      ...rules,
      makeLimitRule(variablesOf(request.body)),
    ],
    parse: (source, options) => parse(source, { ...options, maxTokens: TOKENS_MAX }),
    formatError: (error) => {
      // What nobody thought of: the log has it, the client is not told.
      if (error instanceof GraphQLError && isFault(error)) fault ??= error.originalError;
      return error;
    },
  });
  const [body, { status, statusText, headers = {} }] = await handle({
    method: request.method,
    url: request.path,
    headers: {
      accept: MEDIA_TYPES[format],
      'content-type': request.headers.get('content-type'),
    },
    body: request.body,
    raw: request,
    context: undefined,
  });
  if (fault !== undefined) throw fault;
  // It says nothing of a request that it does not read at all.
  if (body === null) throw new ApiError(status, { detail: `${statusText}.` });
  return { status, headers, body };
}

/** An error of a resolver that is no refusal. */
function isFault({ originalError }: GraphQLError): boolean {
  return originalError !== undefined && !(originalError instanceof GraphQLError);
}

function variablesOf(body: string): Readonly<Record<string, unknown>> {
  const { variables }: { readonly variables?: unknown } = Object(parsed(body));
  return typeof variables === 'object' && variables !== null ? { ...variables } : {};
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
