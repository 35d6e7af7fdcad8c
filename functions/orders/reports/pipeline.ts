// What a run tells of the orders' streams, for those who look whether it is healthy. Pure.
import { API_VERSION } from '../../contracts.ts';
import { splitStream } from '../../kafka/stream.ts';
import type { Plan } from '../merge/plan.ts';
import { CORRECTIONS } from '../segments/segment.ts';
import { type Entries, JsonList, type JsonNode, NumberText, writeJson } from './json-text.ts';

export interface MergeFacts {
  readonly segments: number;
  readonly milliseconds: number;
  readonly isTakenUp: boolean;
  readonly waiting: number;
}

export function renderPipeline(
  { epoch, ranges }: Plan,
  facts: MergeFacts,
  generatedAt: string,
): string {
  const streams = [...ranges].filter(([name]) => name !== CORRECTIONS);
  return writeJson([
    ['generated_at', generatedAt],
    ['build', API_VERSION],
    ['epoch', count(epoch)],
    ['streams', new JsonList(streams.map(([name, range]) => toStream(name, range)))],
    [
      'merge',
      [
        ['segments', count(facts.segments)],
        ['milliseconds', count(facts.milliseconds)],
        ['taken_up', facts.isTakenUp],
        ['segments_waiting', count(facts.waiting)],
      ],
    ],
  ]);
}

const count = (value: number): JsonNode => new NumberText(value.toString());

function toStream(
  name: string,
  { offset, newestMs }: { offset: bigint; newestMs: number },
): Entries {
  const { epoch, topic, partition } = splitStream(name);
  return [
    ['epoch', epoch],
    ['topic', topic],
    ['partition', count(partition)],
    ['offset', offset.toString()],
    ['newest_event_at', newestMs > 0 ? new Date(newestMs).toISOString() : null],
  ];
}
