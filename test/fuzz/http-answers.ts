// What an answer of the API may be, whatever was asked: docs/api.md, "Errors" and "Exports and the size of an
// answer".
import * as z from 'zod';
import { LIMITS } from '../../functions/contracts.ts';
import { pipeline, refusalPage } from '../../functions/outcomes/respond/pipeline-schemas.ts';
import {
  apiRoot,
  health,
  outcomeDays,
  outcomeDetail,
  outcomePage,
  outcomeStats,
  reportIndex,
  reportRuns,
} from '../../functions/outcomes/respond/schemas.ts';
import { readProxyAnswer } from '../../local/lambda/proxy-event.ts';
import type { RequestInput } from './http-requests.ts';

const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['/api/', apiRoot],
  ['/api/health/', health],
  ['/api/outcomes/', outcomePage],
  ['/api/outcomes/winners/', outcomePage],
  ['/api/outcomes/stats/', outcomeStats],
  ['/api/outcomes/daily_stats/', outcomeDays],
  ['/api/outcomes/7/', outcomeDetail],
  ['/api/reports/', reportIndex],
  ['/api/reports/summary/runs/', reportRuns],
  ['/api/pipeline/', pipeline],
  ['/api/pipeline/quarantine/', refusalPage],
]);
/** A line of an export, where money is a number and the message comes when it is asked for. */
const exportedOutcome = outcomeDetail.extend({
  ...{ win_price: z.number(), bid_price: z.number() },
  raw_data: z.unknown().optional(),
});
const STATUSES = new Set([200, 301, 304, 400, 404, 405, 406, 409, 413, 415]);
/** Of an outcome, without and with its message. */
const CSV_FIELDS = [16, 17];
const HEADER_TEXT = /^[\x20-\x7e]*$/;

export function answerComplaint(request: RequestInput, text: string): string | undefined {
  const { status, headers, body } = readProxyAnswer(text);
  if (Buffer.byteLength(text) > LIMITS.answerBytesMax * 1.05) return `${text.length} characters`;
  if (!STATUSES.has(status)) return `status ${status}: ${body.toString().slice(0, 300)}`;
  const odd = Object.entries(headers).find(([, value]) => !HEADER_TEXT.test(String(value)));
  if (odd) return `the header ${odd[0]} is not plain text`;
  // Without a host there is no request yet; whoever stands before the function leaves the body out.
  const isRead = !body.includes('The Host header is not a host.');
  if (request.method === 'HEAD' && body.length > 0 && isRead) return 'HEAD has a body';
  if (status === 405 && headers.allow === undefined) return '405 without Allow';
  if (status === 301) return locationComplaint(String(headers.location));
  if (status === 304 || request.method === 'HEAD') return undefined;
  const type = String(headers['content-type']).split(';', 1).join();
  return bodyComplaint(request, status, type, body.toString());
}

/** A path of this host: nothing that a browser would read as another one. */
function locationComplaint(location: string): string | undefined {
  return /^\/(?![/\\])/.test(location) ? undefined : `leads away: ${location}`;
}

function bodyComplaint(request: RequestInput, status: number, type: string, body: string) {
  if (type === 'text/csv') return csvComplaint(body);
  if (type === 'text/plain') return body.startsWith('# HELP analytics_') ? undefined : 'no metrics';
  if (type === 'text/html') return body.startsWith('<!doctype html>') ? undefined : 'no HTML';
  if (type === 'application/x-ndjson') {
    const lines = body.split('\n').slice(0, -1);
    return lines.map((line) => formComplaint(exportedOutcome, JSON.parse(line))).find(Boolean);
  }
  if (type !== 'application/json') return `content type ${type}`;
  const document: unknown = JSON.parse(body);
  if (status !== 200) return errorComplaint(document);
  const schema = request.method === 'OPTIONS' ? undefined : SCHEMAS.get(request.path);
  return schema && formComplaint(schema, document);
}

function formComplaint(schema: z.ZodType, document: unknown): string | undefined {
  const { error } = schema.safeParse(document);
  return error && `another form: ${JSON.stringify(error.issues.slice(0, 2))}`;
}

/** `{"detail": text}`, or for each parameter a list of complaints. */
function errorComplaint(document: unknown): string | undefined {
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  const members = isObject ? Object.entries(document) : [];
  const isError = members.every(([name, value]) =>
    name === 'detail' ? typeof value === 'string' : Array.isArray(value) && value.length > 0,
  );
  return isError && members.length > 0 ? undefined : `no error: ${JSON.stringify(document)}`;
}

/** RFC 4180: every record has the fields of the header. */
function csvComplaint(body: string): string | undefined {
  const records = body.matchAll(/(?:"(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g);
  let fields = 0;
  for (const { 0: text, 1: end } of records) {
    if (text === '' && end === '') break;
    fields += 1;
    if (end === ',') continue;
    if (!CSV_FIELDS.includes(fields) || end === '') return `a record of ${fields} fields`;
    fields = 0;
  }
  return undefined;
}
