// The fields of a query → the endpoints under /api/: the same checks, queries, limits and figures. Pure.
import { GraphQLError } from 'graphql';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ApiRequest } from '../query/api-request.ts';
import { ApiError } from '../respond/answer.ts';
import { deliverWhole } from '../respond/deliver.ts';
import type { Format } from '../respond/media.ts';
import { sourceText } from './schema.ts';

/** What a client gave: of the types that the schema allows. */
type Arguments = Readonly<Record<string, unknown>>;

interface Asked {
  readonly path?: Readonly<Record<string, string>>;
  readonly parameters?: Arguments;
  readonly format?: Format;
}

export type Endpoints = Readonly<Record<string, Endpoint>>;

export function makeResolvers(endpoints: Endpoints, request: ApiRequest) {
  async function ask(pattern: string, { path = {}, parameters = {}, format = 'json' }: Asked = {}) {
    const endpoint = endpoints[pattern];
    if (!endpoint) throw new RangeError(`There is no endpoint ${pattern}.`);
    const query = new Map([['strict', ['true']], ...pairsOf(parameters)]);
    const asked = { ...request, path: pattern, method: 'GET', query };
    try {
      return await deliverWhole(await endpoint.answer({ request: asked, path, format }));
    } catch (error) {
      if (error instanceof ApiError) throw refusal(error);
      throw error;
    }
  }
  const json = async (pattern: string, asked?: Asked) =>
    exactJson((await ask(pattern, asked)).body);

  return {
    async outcomes({ filter = {}, cursor = '', ordering, page_size }: Arguments) {
      const parameters = { ...(filter as Arguments), cursor: cursor ?? '', ordering, page_size };
      const answer = await ask('/api/outcomes/', { parameters, format: 'ndjson' });
      const lines = answer.body.split('\n').filter((line) => line !== '');
      const cursors = cursorsOf(answer.headers.link);
      return { results: lines.map(exactJson).map(idAsText), ...cursors };
    },
    async outcome({ id }: Arguments) {
      try {
        const path = { id: String(id) };
        return idAsText(await json('/api/outcomes/:id/', { path }));
      } catch (error) {
        if (error instanceof GraphQLError && error.extensions.status === 404) return null;
        throw error;
      }
    },
    stats: ({ filter }: Arguments) =>
      json('/api/outcomes/stats/', { parameters: (filter ?? {}) as Arguments }),
    daily_stats: ({ filter }: Arguments) =>
      json('/api/outcomes/daily_stats/', { parameters: (filter ?? {}) as Arguments }),
    reports: () => json('/api/reports/'),
    async report({ name, at }: Arguments) {
      const path = { name: String(name) };
      const asked = { path, parameters: { at }, format: 'list' } as const;
      const { data, ...report } = (await json('/api/reports/:name/', asked)) as { data: unknown };
      return { ...report, rows: data };
    },
  };
}

function pairsOf(parameters: Arguments): (readonly [string, readonly string[]])[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    return [[name, (Array.isArray(value) ? value : [value]).map(String)] as const];
  });
}

function refusal({ status, body }: ApiError): GraphQLError {
  const message = 'detail' in body ? String(body.detail) : JSON.stringify(body);
  return new GraphQLError(message, { extensions: { status } });
}

/** Numbers keep their text until they are written again. */
function exactJson(text: string): unknown {
  return JSON.parse<unknown>(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  );
}

function idAsText(outcome: unknown): object {
  const { id, ...rest } = outcome as { readonly id: unknown };
  return { ...rest, id: sourceText(id) };
}

/** Of `<https://…?cursor=…>; rel="next", <…>; rel="prev"`. */
function cursorsOf(link = '') {
  const cursorOf = (rel: string) => {
    const [, url] = new RegExp(`<([^>]*)>; rel="${rel}"`).exec(link) ?? [];
    return url === undefined ? null : new URL(url).searchParams.get('cursor');
  };
  return { next: cursorOf('next'), previous: cursorOf('prev') };
}
