// The records in quarantine, newest first, by cursor: what is refused meanwhile moves no page.
import * as z from 'zod';
import type { PipelineStore } from '../pipeline/pipeline-store.ts';
import { newestFirst, readKey } from '../pipeline/refusals.ts';
import type { RefusedRecord } from '../pipeline/state.ts';
import type { ApiRequest } from '../query/api-request.ts';
import type { RefusedParameters } from '../query/parameters.ts';
import { type Answer, jsonAnswer, notFound, withHeaders } from '../respond/answer.ts';
import { absoluteUrl, linkWith } from '../respond/links.ts';
import { renderRefusal } from '../respond/pipeline.ts';

interface RefusalsCall {
  readonly request: ApiRequest;
  readonly parameters: RefusedParameters;
  readonly pipeline: PipelineStore;
}

const PAGE_SIZE = 20;
const cursorSchema = z.strictObject({ t: z.int(), k: z.string() });

export async function answerRefusals(call: RefusalsCall): Promise<Answer> {
  const { request, parameters, pipeline } = call;
  const size = parameters.page_size ?? PAGE_SIZE;
  const after = readCursor(parameters.cursor);
  const { records, isComplete } = await pipeline.listRefused(parameters.topic);
  const rest = after ? records.filter((record) => newestFirst(record, after) > 0) : records;
  const page = await pipeline.withReasons(rest.slice(0, size));
  const last = rest.length > size ? page.at(-1) : undefined;
  const body = {
    next: last ? linkWith(request, 'cursor', writeCursor(last)) : null,
    previous: null,
    is_complete: isComplete,
    results: page.map((one) => renderRefusal(one, (path) => absoluteUrl(request, path))),
  };
  return withHeaders(jsonAnswer(200, body), { 'cache-control': 'no-store' });
}

function writeCursor({ keptMs, key }: RefusedRecord): string {
  return Buffer.from(JSON.stringify({ t: keptMs, k: key })).toString('base64url');
}

/** @throws {ApiError} 404 */
function readCursor(text: string | undefined): RefusedRecord | undefined {
  if (!text) return undefined;
  const content = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  const position = content.success ? readKey(content.data.k) : undefined;
  if (!content.success || !position) throw notFound('Invalid cursor');
  return { ...position, key: content.data.k, keptMs: content.data.t, bytes: 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
