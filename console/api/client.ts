// The one place that asks the network. Addresses are paths of the own origin: links in answers are absolute
// and bear the name of the host behind a proxy, so only their cursor is taken.
import { type Json, parseJson } from '../lib/exact-json.ts';
import { type Read, ShapeError } from '../lib/shape.ts';

export type Pairs = readonly (readonly [string, string | undefined])[];

/** What went wrong, in words for the reader. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  /** What is wrong with which parameter. */
  readonly fields: Readonly<Record<string, string>>;
  /** How many rows match now, where a deletion was refused for that. */
  readonly count: string | undefined;

  constructor(message: string, status?: number, fields = {}, count?: string) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.count = count;
  }
}

type Authorization = () => Promise<string | undefined>;
let authorization: Authorization = async () => undefined;
let onUnauthorized = (): void => undefined;

/** Where people sign in: what stands in front of each request, and what a refusal leads to. */
export function signRequests(header: Authorization, refused: () => void): void {
  authorization = header;
  onUnauthorized = refused;
}

export function apiPath(path: string, pairs: Pairs = []): string {
  const query = new URLSearchParams();
  for (const [name, value] of pairs) if (value !== undefined) query.append(name, value);
  const text = query.toString();
  return `api/${path}${text ? `?${text}` : ''}`;
}

/** @throws {ApiFailure} unless the answer is a good one. */
export async function ask(path: string, signal: AbortSignal, method = 'GET'): Promise<Response> {
  const header = await authorization();
  const init = { method, signal, ...(header && { headers: { Authorization: header } }) };
  const response = await fetch(path, init).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ApiFailure('The service cannot be reached.');
  });
  if (response.ok) return response;
  if (response.status === 401) onUnauthorized();
  throw await failureOf(response);
}

/** @throws {ApiFailure} also when the answer does not have the shape. */
export async function askJson<T>(path: string, signal: AbortSignal, read: Read<T>): Promise<T> {
  const response = await ask(path, signal);
  return readText(await response.text(), read);
}

export function readText<T>(text: string, read: Read<T>): T {
  try {
    return read(parseJson(text), '');
  } catch (error) {
    if (error instanceof ShapeError) throw new ApiFailure(error.message);
    if (error instanceof SyntaxError) throw new ApiFailure('The answer is no JSON.');
    if (error instanceof RangeError)
      throw new ApiFailure('The answer is nested too deeply to read.');
    throw error;
  }
}

/** Of `next` or `previous`, or of a Link header's address. */
export function cursorOf(url: string | null): string | undefined {
  if (url === null) return undefined;
  return new URL(url, 'http://any.example').searchParams.get('cursor') ?? undefined;
}

export function linkCursor(header: string | null, relation: 'next' | 'prev'): string | undefined {
  const link = (header ?? '').split(/,\s*(?=<)/).find((one) => one.includes(`rel="${relation}"`));
  return cursorOf(/<([^>]*)>/.exec(link ?? '')?.[1] ?? null);
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const { status } = response;
  const text = await response.text().catch(() => '');
  let body: Json = null;
  try {
    body = parseJson(text);
  } catch {
    // A proxy's page: the status has to do.
  }
  const members = body instanceof Map ? [...(body as ReadonlyMap<string, Json>)] : [];
  const fields = Object.fromEntries(
    members.flatMap(([name, value]) => (Array.isArray(value) ? [[name, value.join(' ')]] : [])),
  );
  const detail = members.find(([name]) => name === 'detail' || name === 'message')?.[1];
  const count = members.find(([name]) => name === 'count')?.[1];
  const words = typeof detail === 'string' ? detail : (STATUS_WORDS[status] ?? `Status ${status}.`);
  const named = Object.entries(fields).map(([name, words]) => `${name}: ${words}`);
  const countText = count && typeof count === 'object' && 'text' in count ? count.text : undefined;
  return new ApiFailure(named.join(' ') || words, status, fields, countText as string | undefined);
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: 'You are not signed in.',
  403: 'You may not do this.',
  404: 'Not found.',
  429: 'Too many requests: try again in a moment.',
  502: 'The service failed: its log says why.',
  503: 'The service is not available at the moment.',
  504: 'The service took too long.',
};
