// The endpoints → an OpenAPI 3.1 document, from the schemas that check the requests. Pure.
import * as z from 'zod';
import type { Operation as Described, Endpoint } from '../endpoints/endpoint.ts';
import { MEDIA_TYPES } from './media.ts';
import { failure } from './schemas.ts';

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, string>>;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<
    Record<string, { readonly get: Operation; readonly delete?: Operation }>
  >;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly description?: string;
  readonly explode?: false;
  readonly schema: JsonSchema;
}

interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /:(\w+)/g;

export function renderOpenApi(
  endpoints: Readonly<Record<string, Endpoint>>,
  serverUrl: string,
): OpenApi {
  const paths = Object.entries(endpoints).map(([pattern, endpoint]) => [
    pattern.replace(PLACEHOLDER, '{$1}'),
    {
      get: operation(pattern, endpoint),
      ...(endpoint.methods?.DELETE && { delete: operation(pattern, endpoint.methods.DELETE) }),
    },
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Analytics API',
      version: '1.0.0',
      description: 'Auction outcomes as rows and figures, and the order reports.',
    },
    servers: [{ url: serverUrl }],
    paths: Object.fromEntries(paths),
  };
}

function operation(pattern: string, endpoint: Described): Operation {
  return {
    operationId: endpoint.name.toLowerCase().replaceAll(' ', '_'),
    summary: endpoint.name,
    description: endpoint.description,
    parameters: [
      ...pathParameters(pattern),
      ...formatParameter(endpoint),
      ...queryParameters(endpoint),
    ],
    responses: {
      ...(endpoint.status === 204
        ? { 204: { description: 'Done.' } }
        : {
            200: { description: 'The answer.', content: successContent(endpoint) },
            304: { description: 'Not changed since the ETag of If-None-Match.' },
          }),
      ...Object.fromEntries(
        Object.entries(FAILURES).map(([status, description]) => [status, failed(description)]),
      ),
    },
  };
}

const FAILURES = {
  400: 'A parameter is refused: its complaints by its name.',
  404: 'No such path, row, page, cursor or format.',
  406: 'The Accept header excludes what is offered.',
  413: 'The answer is larger than can be sent in one piece.',
  503: 'The database is not available, or the query took too long.',
};

function failed(description: string): Response {
  return {
    description,
    content: { 'application/json': { schema: toJsonSchema(failure, 'output') } },
  };
}

function successContent({ formats, response }: Described) {
  return Object.fromEntries(
    formats.map((format) => [
      MEDIA_TYPES[format],
      {
        schema:
          MEDIA_TYPES[format] === MEDIA_TYPES.json
            ? toJsonSchema(response, 'output')
            : { type: 'string' },
      },
    ]),
  );
}

function pathParameters(pattern: string): Parameter[] {
  return [...pattern.matchAll(PLACEHOLDER)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'id' ? 'integer' : 'string' },
  }));
}

function formatParameter({ formats }: Described): Parameter[] {
  return [{ name: 'format', in: 'query', schema: { type: 'string', enum: formats } }];
}

function queryParameters({ parameters }: Described): Parameter[] {
  return Object.entries(parameters.shape).map(([name, schema]) => {
    const { description, ...form } = toJsonSchema(schema as z.ZodType, 'input');
    return {
      name,
      in: 'query',
      ...(typeof description === 'string' ? { description } : {}),
      // Several values in one parameter, by comma.
      ...(form.type === 'array' ? { explode: false as const } : {}),
      schema: form,
    };
  });
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
