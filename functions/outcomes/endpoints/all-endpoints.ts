// All endpoints by their path, and the one that describes them.
import * as z from 'zod';
import type { PipelineStore } from '../pipeline/pipeline-store.ts';
import { jsonAnswer, textAnswer } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { renderOpenApi } from '../respond/openapi.ts';
import { renderSchemaPage } from '../respond/schema-page.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import type { Deletion } from './deletion.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { outcomeEndpoints } from './outcome-endpoints.ts';
import { pipelineEndpoints } from './pipeline-endpoints.ts';
import { reportEndpoints } from './report-endpoints.ts';
import { serviceEndpoints } from './service-endpoints.ts';

export interface ApiStores {
  readonly outcomes: OutcomesStore;
  readonly reports: ReportsStore;
  readonly pipeline: PipelineStore;
}

export interface ApiOptions {
  readonly bucket: string;
  /** Seconds between two report runs. */
  readonly flushIntervalS: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Undefined: nothing can be deleted. */
  readonly deletion?: Deletion | undefined;
}

export function allEndpoints(
  stores: ApiStores,
  options: ApiOptions,
): Readonly<Record<string, Endpoint>> {
  const { outcomes, reports } = stores;
  const endpoints: Readonly<Record<string, Endpoint>> = {
    ...outcomeEndpoints(outcomes, options),
    ...reportEndpoints(reports),
    ...pipelineEndpoints({ ...stores, ...options }),
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
