// All endpoints by their path, and the one that describes them.
import * as z from 'zod';
import { jsonAnswer, textAnswer } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { renderOpenApi } from '../respond/openapi.ts';
import { renderSchemaPage } from '../respond/schema-page.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import type { Deletion } from './deletion.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { outcomeEndpoints } from './outcome-endpoints.ts';
import { reportEndpoints } from './report-endpoints.ts';
import { serviceEndpoints } from './service-endpoints.ts';

export interface ApiStores {
  readonly outcomes: OutcomesStore;
  readonly reports: ReportsStore;
}

export interface ApiOptions {
  /** Undefined: nothing can be deleted. */
  readonly deletion?: Deletion | undefined;
}

export function allEndpoints(
  { outcomes, reports }: ApiStores,
  { deletion }: ApiOptions = {},
): Readonly<Record<string, Endpoint>> {
  const endpoints: Readonly<Record<string, Endpoint>> = {
    ...outcomeEndpoints(outcomes, deletion),
    ...reportEndpoints(reports),
    ...serviceEndpoints(outcomes),
    '/api/schema/': defineEndpoint({
      name: 'Schema',
      description: 'This description of the API, as OpenAPI 3.1 or as a page to read.',
      formats: ['json', 'html'],
      parameters: z.object({}),
      response: z.looseObject({ openapi: z.string() }),
      answer: ({ request, format }) => {
        const document = renderOpenApi(endpoints, absoluteUrl(request, ''));
        return format === 'html'
          ? textAnswer(200, 'text/html; charset=utf-8', renderSchemaPage(document))
          : jsonAnswer(200, document);
      },
    }),
  };
  return endpoints;
}
