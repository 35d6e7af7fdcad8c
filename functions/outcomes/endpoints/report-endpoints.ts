// The endpoints over the reports of the order side.
import * as z from 'zod';
import { REPORTS, type ReportName } from '../../contracts.ts';
import { reportParameters, runsParameters } from '../query/parameters.ts';
import { readStamp } from '../query/run-stamp.ts';
import {
  type Answer,
  badParameters,
  jsonAnswer,
  notFound,
  textAnswer,
  withHeaders,
} from '../respond/answer.ts';
import { CSV_CONTENT_TYPE } from '../respond/csv.ts';
import { absoluteUrl } from '../respond/links.ts';
import type { Format } from '../respond/media.ts';
import { readGeneratedAt, readReportRows, reportCsv, reportList } from '../respond/report-rows.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { answerRuns } from './report-runs.ts';

/** A run's document never changes. */
const FOREVER = { 'cache-control': 'private, max-age=31536000, immutable' };

export function reportEndpoints(reports: ReportsStore): Readonly<Record<string, Endpoint>> {
  return {
    '/api/reports/': defineEndpoint({
      name: 'Report List',
      description: 'The order reports, and the newest run of each.',
      formats: ['json'],
      parameters: z.object({}),
      response: 'reportIndex',
      answer: async ({ request }) => {
        const entries = REPORTS.map(async ({ name }) => {
          const newest = await reports.newest(name);
          return {
            name,
            url: absoluteUrl(request, `/api/reports/${name}/`),
            runs: absoluteUrl(request, `/api/reports/${name}/runs/`),
            generated_at: newest ? (readGeneratedAt(newest.document) ?? null) : null,
            written_at: newest?.writtenAt ?? null,
          };
        });
        return jsonAnswer(200, await Promise.all(entries));
      },
    }),
    '/api/reports/:name/': defineEndpoint({
      name: 'Report Instance',
      description:
        'One order report, byte for byte as it was written. As `csv`, or with `format=list` as JSON whose ' +
        'rows are a list: there the ranked ones have a `rank`, and their order survives in every client.',
      formats: ['json', 'csv', 'list'],
      path: { name: 'reportName' },
      parameters: reportParameters,
      response: 'reportDocument',
      forms: { list: 'reportRows' },
      answer: ({ path, parameters, format }) =>
        answerReport(reports, findReport(path.name), parameters.at, format),
    }),
    '/api/reports/:name/runs/': defineEndpoint({
      name: 'Report Runs',
      description: 'The runs of one order report, newest first; `at` is for `?at=` of the report.',
      formats: ['json'],
      path: { name: 'reportName' },
      parameters: runsParameters,
      response: 'reportRuns',
      answer: ({ request, path, parameters }) =>
        answerRuns({ request, name: findReport(path.name), parameters, reports }),
    }),
  };
}

/** @throws {ApiError} 404 */
function findReport(asked: string | undefined): ReportName {
  const report = REPORTS.find(({ name }) => name === asked);
  if (!report) throw notFound();
  return report.name;
}

async function answerReport(
  reports: ReportsStore,
  name: ReportName,
  at: string | undefined,
  format: Format,
): Promise<Answer> {
  const found = at === undefined ? await reports.newest(name) : await reports.at(name, stampAt(at));
  if (found === undefined) throw notFound('There is no such report yet.');
  const answer = rendered(name, found.document, format);
  return at === undefined ? answer : withHeaders(answer, FOREVER);
}

function rendered(name: ReportName, document: string, format: Format): Answer {
  if (format === 'json') return textAnswer(200, 'application/json', document);
  const rows = readReportRows(name, document);
  if (format === 'list') return jsonAnswer(200, reportList(rows));
  const file = `${name}_${readStamp(rows.generatedAt) ?? 'latest'}.csv`;
  return withHeaders(textAnswer(200, CSV_CONTENT_TYPE, reportCsv(rows)), {
    'content-disposition': `attachment; filename="${file}"`,
  });
}

/** @throws {ApiError} 400 */
function stampAt(at: string): string {
  const stamp = readStamp(at);
  if (stamp !== undefined) return stamp;
  throw badParameters({ at: ['Use YYYYMMDD_HHMMSS or YYYY-MM-DDThh:mm:ss, in UTC.'] });
}
