// All endpoints by their path, and the one that describes them.
import * as z from 'zod';
import { type ApiAuthorization, DEFAULTS } from '../../contracts.ts';
import { jsonAnswer } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { renderOpenApi } from '../respond/openapi.ts';
import { schemaPageAnswer } from '../respond/schema-page.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
import { outcomeEndpoints } from './outcome-endpoints.ts';
import { serviceEndpoints } from './service-endpoints.ts';

export interface ApiStores {
  readonly outcomes: OutcomesStore;
  readonly reports: ReportsStore;
}

export interface ApiOptions {
  readonly auth: ApiAuthorization;
  readonly isIntrospectable: boolean;
}

export function allEndpoints(
  { outcomes, reports }: ApiStores,
  { auth, isIntrospectable }: ApiOptions = { auth: DEFAULTS.apiAuth, isIntrospectable: true },
): Readonly<Record<string, Endpoint>> {
  const endpoints: Readonly<Record<string, Endpoint>> = {
    ...outcomeEndpoints(outcomes),
    ...serviceEndpoints(outcomes, reports),
    '/api/graphql/': graphqlEndpoint(() => endpoints, isIntrospectable),
    '/api/schema/': defineEndpoint({
      name: 'Schema',
      description: 'This description of the API, as OpenAPI 3.1 or as a page to read.',
      formats: ['json', 'html'],
      parameters: z.object({}),
      response: z.looseObject({ openapi: z.string() }).meta({ id: 'Description' }),
      answer: ({ request, format }) => {
        const document = renderOpenApi(endpoints, absoluteUrl(request, ''), auth);
        return format === 'html' ? schemaPageAnswer(document) : jsonAnswer(200, document);
      },
    }),
  };
  return endpoints;
}
