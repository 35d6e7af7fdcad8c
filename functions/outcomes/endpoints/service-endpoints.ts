// The endpoints about the service itself: its root and its health.
import * as z from 'zod';
import { fromStored, isoTime } from '../query/instant.ts';
import { newestQuery } from '../query/outcomes-query.ts';
import { jsonAnswer, withHeaders } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { apiRoot, health } from '../respond/schemas.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';

const NONE = z.object({});

export function serviceEndpoints(store: OutcomesStore): Readonly<Record<string, Endpoint>> {
  return {
    '/api/': defineEndpoint({
      name: 'Api Root',
      description: 'Where the outcomes are.',
      formats: ['json'],
      parameters: NONE,
      response: apiRoot,
      answer: ({ request }) =>
        jsonAnswer(200, { outcomes: absoluteUrl(request, '/api/outcomes/') }),
    }),
    '/api/health/': defineEndpoint({
      name: 'Health',
      description: 'Whether the database answers, and the outcome that was recorded last.',
      formats: ['json'],
      parameters: NONE,
      response: health,
      answer: () => answerHealth(store),
    }),
  };
}

async function answerHealth(store: OutcomesStore) {
  const [newest] = await store.rows(newestQuery());
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
  };
  return withHeaders(jsonAnswer(200, body), { 'cache-control': 'no-store' });
}
