// The endpoints about the pipeline: how it stands, what it refused, and the same for Prometheus.
import * as z from 'zod';
import { TOPIC_NAME } from '../../contracts.ts';
import type { CommandPlace } from '../pipeline/commands.ts';
import { hostDocument, readDocument } from '../pipeline/documents.ts';
import { gatherPipeline, type PipelineSources } from '../pipeline/gather.ts';
import type { PipelineState, Position } from '../pipeline/state.ts';
import { refusedParameters } from '../query/parameters.ts';
import { type Answer, jsonAnswer, notFound, textAnswer, withHeaders } from '../respond/answer.ts';
import { absoluteUrl } from '../respond/links.ts';
import { QUARANTINE_PATH, renderPipeline, renderStoredRecord } from '../respond/pipeline.ts';
import { defineEndpoint, type Endpoint } from './endpoint.ts';
import { answerRefusals } from './refusal-pages.ts';

/** A record larger than that is only named. */
const EXAMPLE_BYTES_MAX = 65_536;
const NOW = { 'cache-control': 'no-store' };

export function pipelineEndpoints(
  sources: PipelineSources & { readonly bucket: string },
): Readonly<Record<string, Endpoint>> {
  return {
    '/api/pipeline/': defineEndpoint({
      name: 'Pipeline',
      description: 'How the pipeline stands, and what is wrong with it now, in words.',
      formats: ['json'],
      parameters: z.object({}),
      response: 'pipeline',
      answer: async ({ request }) => {
        const state = await gatherPipeline(sources);
        const example = await exampleOf(state, sources);
        const body = renderPipeline(state, (path) => absoluteUrl(request, path), example);
        return withHeaders(jsonAnswer(200, body), NOW);
      },
    }),
    [QUARANTINE_PATH]: defineEndpoint({
      name: 'Refused Record List',
      description: 'The records in quarantine, newest first.',
      formats: ['json'],
      parameters: refusedParameters,
      response: 'refusalPage',
      answer: ({ request, parameters }) =>
        answerRefusals({ request, parameters, pipeline: sources.pipeline }),
    }),
    [`${QUARANTINE_PATH}:topic/:partition/:offset/`]: defineEndpoint({
      name: 'Refused Record Instance',
      description: 'One record in quarantine, with all that it carried.',
      formats: ['json'],
      parameters: z.object({}),
      response: 'refusedRecord',
      answer: async ({ path }) => answerRefused(readPosition(path), sources),
    }),
    '/api/metrics/': defineEndpoint({
      name: 'Metrics',
      description: 'How the pipeline stands, as Prometheus reads it.',
      formats: ['metrics'],
      parameters: z.object({}),
      response: 'plainText',
      answer: async () => {
        // Read when it is first asked: no other request needs Prometheus' library.
        const { renderMetrics } = await import('../respond/metrics.ts');
        const { contentType, text } = await renderMetrics(await gatherPipeline(sources));
        return withHeaders(textAnswer(200, contentType, text), NOW);
      },
    }),
  };
}

type Sources = Parameters<typeof pipelineEndpoints>[0];

async function exampleOf(state: PipelineState, { pipeline, bucket }: Sources) {
  const [newest] = state.quarantine.newest;
  if (!newest || newest.bytes > EXAMPLE_BYTES_MAX) return null;
  const stored = await pipeline.refused(newest);
  return stored
    ? renderStoredRecord(stored, { bucket, quarantineOptions: state.host?.quarantineOptions })
    : null;
}

async function answerRefused(position: Position, sources: Sources): Promise<Answer> {
  const { pipeline, bucket } = sources;
  const [stored, told] = await Promise.all([pipeline.refused(position), pipeline.hostDocument()]);
  if (!stored) throw notFound('There is no such record in quarantine.');
  const host = told === undefined ? undefined : readDocument(hostDocument, told);
  const place: CommandPlace = { bucket, quarantineOptions: host?.quarantine_options };
  return jsonAnswer(200, renderStoredRecord(stored, place));
}

/** @throws {ApiError} 404 */
function readPosition(path: Readonly<Record<string, string | undefined>>): Position {
  const { topic = '', partition = '', offset = '' } = path;
  const isPosition =
    TOPIC_NAME.test(topic) && /^\d{1,10}$/.test(partition) && /^\d{1,19}$/.test(offset);
  if (!isPosition) throw notFound('There is no such record in quarantine.');
  return { topic, partition: Number(partition), offset: BigInt(offset).toString() };
}
