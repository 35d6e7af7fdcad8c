// An answer of the API, and the errors in Django REST Framework's form. Pure.
import { hash } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is written piece by piece. */
  readonly body: string | AsyncIterable<string>;
  /** Of a stream: how large it will be at least, without reading it. */
  readonly leastBytes?: () => Promise<number>;
}

/** An answer that ends a request early: thrown where it is found, sent as it is. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const notFound = (detail = 'Not found.') => new ApiError(404, { detail });

/** Each parameter's complaints, by its name. */
export const badParameters = (complaints: Readonly<Record<string, readonly string[]>>) =>
  new ApiError(400, complaints);

/** Parameters that are right in themselves, but not together. */
export const conflictingParameters = (complaints: Readonly<Record<string, readonly string[]>>) =>
  new ApiError(409, complaints);

export function jsonAnswer(status: number, body: object): Answer {
  return textAnswer(status, 'application/json', JSON.stringify(body));
}

export function textAnswer(status: number, contentType: string, body: string): Answer {
  return { status, headers: { 'content-type': contentType }, body };
}

export function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/**
 * Adds the ETag, and answers 304 when the client has the body already. A stream has none: what it
 * will hold is not known before it is sent.
 */
export function conditional(answer: Answer, ifNoneMatch: string | undefined): Answer {
  if (answer.status !== 200 || typeof answer.body !== 'string') return answer;
  const etag = `"${hash('sha256', answer.body, 'base64url')}"`;
  const tagged = withHeaders(answer, { etag });
  return isListed(etag, ifNoneMatch) ? { ...tagged, status: 304, body: '' } : tagged;
}

/** Weak comparison, as If-None-Match asks for. */
function isListed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch?.trim() === '*') return true;
  const listed = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return listed?.includes(etag) ?? false;
}
