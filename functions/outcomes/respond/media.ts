// Which form of an answer the client gets: by `?format=`, else by the Accept header, where the most
// specific range that an offered form matches decides, as in Django REST Framework. Pure.
import { ApiError, notFound } from './answer.ts';

export const MEDIA_TYPES = {
  json: 'application/json',
  /** The same as rows in a list: never chosen by the Accept header, where `json` stands before it. */
  list: 'application/json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  html: 'text/html',
  /** As Prometheus reads metrics. */
  metrics: 'text/plain',
} as const;
export type Format = keyof typeof MEDIA_TYPES;

/** @throws {ApiError} 404 when the format is not offered, 406 when the Accept header excludes all. */
export function chooseFormat(
  offered: readonly Format[],
  asked: string | undefined,
  accept = '*/*',
): Format {
  const candidates = asked ? offered.filter((format) => format === asked) : offered;
  if (candidates.length === 0) throw notFound();
  const ranges = accept.split(',').map((range) => range.split(';', 1).join().trim().toLowerCase());
  const bySpecificity = ranges.sort((a, b) => specificity(b) - specificity(a));
  for (const range of bySpecificity) {
    const format = candidates.find((candidate) => matches(range, MEDIA_TYPES[candidate]));
    if (format) return format;
  }
  throw new ApiError(406, { detail: 'Could not satisfy the request Accept header.' });
}

function specificity(range: string): number {
  if (range === '*/*') return 0;
  return range.endsWith('/*') ? 1 : 2;
}

function matches(range: string, mediaType: string): boolean {
  const [type] = mediaType.split('/', 1);
  return range === '*/*' || range === `${type}/*` || range === mediaType;
}
