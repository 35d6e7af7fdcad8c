// Which form of an answer the client gets: by the path's suffix or `?format=`, else by the Accept header as
// RFC 9110 (12.5.1) weighs it. What is accepted alike goes by the more specific range, then by the order of what
// is offered, as in Django REST Framework. Pure.
import { ApiError, notFound } from './answer.ts';

export const MEDIA_TYPES = {
  json: 'application/json',
  /** The same as rows in a list: never chosen by the Accept header, where `json` stands before it. */
  list: 'application/json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  html: 'text/html',
  graphql: 'application/graphql-response+json',
  /** As Prometheus reads metrics. */
  metrics: 'text/plain',
} as const;
export type Format = keyof typeof MEDIA_TYPES;

interface Range {
  readonly type: string;
  readonly subtype: string;
  /** How exactly it names a form, from 0 for all. */
  readonly specificity: number;
  readonly quality: number;
}

/** @throws {ApiError} 404 when the format is not offered, 406 when the Accept header excludes all. */
export function chooseFormat(
  offered: readonly Format[],
  asked: string | undefined,
  accept = '*/*',
): Format {
  const candidates = asked ? offered.filter((format) => format === asked) : offered;
  if (candidates.length === 0) throw notFound();
  const ranges = accept.split(',').map(readRange);
  const weighed = candidates.flatMap((format) => {
    const [range] = ranges
      .filter((one) => matches(one, MEDIA_TYPES[format]))
      .sort((a, b) => b.specificity - a.specificity || b.quality - a.quality);
    return range && range.quality > 0 ? [{ format, ...range }] : [];
  });
  const [best] = weighed.sort((a, b) => b.quality - a.quality || b.specificity - a.specificity);
  if (best) return best.format;
  throw new ApiError(406, { detail: 'Could not satisfy the request Accept header.' });
}

function readRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [type = '', subtype = ''] = range.split('/');
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  const hasOthers = parameters.some((parameter) => parameter !== weight && parameter !== '');
  return {
    ...{ type, subtype, quality: weight === undefined ? 1 : readQuality(weight) },
    specificity: type === '*' ? 0 : subtype === '*' ? 1 : hasOthers ? 3 : 2,
  };
}

/** One that cannot be read says nothing. */
function readQuality(weight: string): number {
  const [, text] = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(weight) ?? [];
  return text === undefined ? 1 : Number(text);
}

function matches({ type, subtype }: Range, mediaType: string): boolean {
  const [offeredType, offeredSubtype] = mediaType.split('/');
  if (type === '*') return subtype === '*';
  return type === offeredType && (subtype === '*' || subtype === offeredSubtype);
}
