// The endpoints about the service itself: its root, its health, the reports of the order side, its
// own description.
import * as z from 'zod';
import { REPORTS, type ReportName } from '../../contracts.ts';
import { within } from '../../platform/within.ts';
import { fromStored, isoTime } from '../query/instant.ts';
import { newestQuery } from '../query/outcomes-query.ts';
import { healthParameters, reportParameters } from '../query/parameters.ts';
import { badParameters, jsonAnswer, notFound, textAnswer, withHeaders } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { reportDocument } from '../respond/report-schemas.ts';
import { apiRoot, health, reportList, reportName } from '../respond/schemas.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';

const NONE = z.object({});
/** A probe waits for a second at most. */
const HEALTH_MS = 700;
const STAMP = /^(\d{4})-?(\d\d)-?(\d\d)[T_](\d\d):?(\d\d):?(\d\d)$/;
/** A run's document never changes. */
const FOREVER = { 'cache-control': 'private, max-age=31536000, immutable' };

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
      response: apiRoot,
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
      response: health,
      answer: ({ parameters }) => answerHealth(store, reports, parameters.deep === true),
    }),
    '/api/reports/': defineEndpoint({
      name: 'Report List',
      description: 'The order reports, and when each was written last.',
      formats: ['json'],
      parameters: NONE,
      response: reportList,
      answer: async ({ request }) => {
        const entries = REPORTS.map(async ({ name }) => ({
          name,
          url: absoluteUrl(request, `/api/reports/${name}/`),
          written_at: await reports.writtenAt(name),
        }));
        return jsonAnswer(200, await Promise.all(entries));
      },
    }),
    '/api/reports/:name/': defineEndpoint({
      name: 'Report Instance',
      description: 'One order report, byte for byte as it was written.',
      formats: ['json'],
      path: { name: reportName },
      parameters: reportParameters,
      response: reportDocument,
      answer: ({ path, parameters }) => answerReport(reports, path.name, parameters.at),
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
    ...(isDeep && { reports: { written_at: await reports.writtenAt('summary') } }),
  };
  return withHeaders(jsonAnswer(200, body), { 'cache-control': 'no-store' });
}

async function answerReport(reports: ReportsStore, name = '', at: string | undefined) {
  const report = REPORTS.find((one) => one.name === name);
  if (!report) throw notFound();
  const document = await readReport(reports, report.name, at);
  if (document === undefined) throw notFound('There is no such report yet.');
  const answer = textAnswer(200, 'application/json', document);
  return at === undefined ? answer : withHeaders(answer, FOREVER);
}

function readReport(reports: ReportsStore, name: ReportName, at: string | undefined) {
  if (at === undefined) return reports.newest(name);
  const [isStamp, ...digits] = STAMP.exec(at) ?? [];
  if (isStamp === undefined) {
    throw badParameters({ at: ['Use YYYYMMDD_HHMMSS or YYYY-MM-DDThh:mm:ss, in UTC.'] });
  }
  return reports.at(name, `${digits.slice(0, 3).join('')}_${digits.slice(3).join('')}`);
}
