// The endpoints about the service itself: its root and its health.
import * as z from 'zod';
import { within } from '../../platform/within.ts';
import { fromStored, isoTime } from '../query/instant.ts';
import { newestQuery } from '../query/outcomes-query.ts';
import { healthParameters } from '../query/parameters.ts';
import { jsonAnswer, withHeaders } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';

const NONE = z.object({});
/** A probe waits for a second at most. */
const HEALTH_MS = 700;

export function serviceEndpoints(
  store: OutcomesStore,
  reports: ReportsStore,
): Readonly<Record<string, Endpoint>> {
  return {
    '/api/': defineEndpoint({
      name: 'Api Root',
      description: 'Where the outcomes are.',
      formats: ['json'],
      parameters: NONE,
      response: 'apiRoot',
      answer: ({ request }) =>
        jsonAnswer(200, { outcomes: absoluteUrl(request, '/api/outcomes/') }),
    }),
    '/api/health/': defineEndpoint({
      name: 'Health',
      description:
        'Whether the database answers, and the outcome that was recorded last. Answers within a second, whatever ' +
        'the database does.',
      formats: ['json'],
      parameters: healthParameters,
      response: 'health',
      answer: ({ parameters }) => answerHealth(store, reports, parameters.deep === true),
    }),
  };
}

async function answerHealth(store: OutcomesStore, reports: ReportsStore, isDeep: boolean) {
  const asked = store.rows(newestQuery());
  const [newest] = await (isDeep ? asked : within(HEALTH_MS, 'The database', asked));
  const body = {
    status: 'ok',
    database: 'ok',
    newest_outcome: newest
      ? {
          id: JSON.rawJSON(newest.id),
          timestamp: isoTime(fromStored(newest.timestamp)),
          created_at: isoTime(fromStored(newest.created_at)),
        }
      : null,
    ...(isDeep && {
      reports: { written_at: (await reports.newest('summary'))?.writtenAt ?? null },
    }),
  };
  return withHeaders(jsonAnswer(200, body), { 'cache-control': 'no-store' });
}
