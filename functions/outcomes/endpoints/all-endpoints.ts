// All endpoints by their path, and the one that describes them.
import * as z from 'zod';
import type { ApiAuthorization } from '../../contracts.ts';
import type { PipelineStore } from '../pipeline/pipeline-store.ts';
import { jsonAnswer } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import type { Deletion } from './deletion.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
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
  readonly auth: ApiAuthorization;
  readonly isIntrospectable: boolean;
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
  const { auth, isIntrospectable } = options;
  const endpoints: Readonly<Record<string, Endpoint>> = {
    ...outcomeEndpoints(outcomes, options),
    ...reportEndpoints(reports),
    ...pipelineEndpoints({ ...stores, ...options }),
    ...serviceEndpoints(outcomes, reports),
    '/api/graphql/': graphqlEndpoint(() => endpoints, isIntrospectable),
    '/api/schema/': defineEndpoint({
      name: 'Schema',
      description: 'This description of the API, as OpenAPI 3.1 or as a page to read.',
      formats: ['json', 'html'],
      parameters: z.object({}),
      response: 'description',
      answer: async ({ request, format }) => {
        const { renderOpenApi } = await import('../respond/openapi.ts');
        const document = renderOpenApi(endpoints, absoluteUrl(request, ''), auth);
        if (format !== 'html') return jsonAnswer(200, document);
        const { schemaPageAnswer } = await import('../respond/schema-page.ts');
        return schemaPageAnswer(document);
      },
    }),
  };
  return endpoints;
}
