// One operation of the OpenAPI document: what it takes and what it may answer. Pure.
import * as z from 'zod';
import type { Operation as Described, SchemaName } from '../endpoints/endpoint.ts';
import type { Components, JsonSchema } from './json-schemas.ts';
import { type Format, MEDIA_TYPES } from './media.ts';
import { SCHEMAS } from './response-schemas.ts';

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { description: string; schema: JsonSchema }>>;
  readonly content?: Content;
}

export type Method = 'get' | 'post' | 'delete';

export interface OperationParts {
  readonly pattern: string;
  readonly method: Method;
  readonly operation: Described;
  /** What its path answers. */
  readonly format: Format | undefined;
  /** What makes its id another than that of the path without a suffix. */
  readonly suffix: string;
  readonly components: Components;
  /** By status, what API Gateway answers before the request is here. */
  readonly gatewayRefusals: Readonly<Record<number, string>>;
}

export function renderOperation(parts: OperationParts): Operation {
  const { pattern, operation, suffix, components } = parts;
  const { name, description, body } = operation;
  return {
    operationId: [...name.toLowerCase().split(' '), ...(suffix ? [suffix] : [])].join('_'),
    summary: suffix ? `${name} (${suffix})` : name,
    description,
    parameters: [...pathParameters(pattern, operation, components), ...queryParameters(parts)],
    ...(body && {
      requestBody: { required: true, content: json(components.schemaOf(SCHEMAS[body], 'input')) },
    }),
    responses: responses(parts),
  };
}

const json = (schema: JsonSchema): Content => ({ [MEDIA_TYPES.json]: { schema } });

const REFUSALS = {
  400: 'A parameter is refused: its complaints by its name.',
  409: 'Parameters that exclude each other, as their descriptions say.',
};
const FAILURES = {
  404: 'No such path, row, page, cursor or form.',
  406: 'The Accept header excludes what is offered.',
  413: 'The answer is larger than can be sent in one piece.',
  500: 'A fault of the service.',
  503: 'The database is not available, or the query took too long: see `Retry-After`.',
};

function responses(parts: OperationParts) {
  const { method, operation, format = 'json', components, gatewayRefusals } = parts;
  const { response, forms = {}, status = 200, failures = {}, errors = {} } = operation;
  const form = format === 'json' ? response : forms[format];
  const success = form ? components.schemaOf(SCHEMAS[form], 'output') : { type: 'string' };
  const failed = (schema: SchemaName, texts: Readonly<Record<number, string>>) =>
    Object.entries(texts).map(([code, description]) => [
      code,
      { description, content: json(components.schemaOf(SCHEMAS[schema], 'output')) },
    ]);
  return {
    [status]: {
      description: 'The answer.',
      headers: {
        Warning: { description: 'What of the request had no effect.', schema: { type: 'string' } },
      },
      ...(status !== 204 && { content: { [MEDIA_TYPES[format]]: { schema: success } } }),
    },
    ...(method === 'get' && {
      304: { description: 'Not changed since the ETag of If-None-Match.' },
    }),
    ...Object.fromEntries(failed('gatewayRefusal', gatewayRefusals)),
    ...Object.fromEntries(failed('refusal', REFUSALS)),
    ...Object.fromEntries(failed('failure', { ...FAILURES, ...failures })),
    ...Object.fromEntries(
      Object.entries(errors).flatMap(([code, { description, schema }]) =>
        failed(schema, { [code]: description }),
      ),
    ),
  };
}

function pathParameters(pattern: string, { path = {} }: Described, components: Components) {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const named = path[name];
    const schema = named ? SCHEMAS[named] : name === 'id' ? z.int().min(0) : z.string();
    return {
      name,
      in: 'path' as const,
      required: true,
      schema: components.schemaOf(schema, 'input'),
    };
  });
}

function queryParameters({ operation, components }: OperationParts): Parameter[] {
  return Object.entries(operation.parameters.shape).map(([name, schema]) => {
    const { description, form } = (schema as z.ZodType).meta() ?? {};
    return {
      name,
      in: 'query',
      ...(description === undefined ? {} : { description }),
      schema: isForm(form) ? form : components.schemaOf(schema as z.ZodType, 'input'),
    };
  });
}

function isForm(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
