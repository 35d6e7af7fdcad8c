// Which of the kept objects a command is about, and the lines in which they are shown.
import { quarantineKey } from '../../contracts.ts';
import { showBytes } from '../../kafka/quarantined.ts';
import { Refusal } from '../refusal.ts';
import type { KeptObject, KeptObjects, ReadObject } from './kept-objects-store.ts';
import type { Failed } from './redrive.ts';

export interface Filters {
  readonly topic: string | undefined;
  readonly since: Date | undefined;
  readonly reason: string | undefined;
}

/** As a person gives them. */
export interface Which {
  readonly topic?: string | undefined;
  readonly since?: string | undefined;
  readonly reason?: string | undefined;
}

const READS_AT_ONCE = 16;

export interface Reading {
  /** Told of an object that is not of a known form, which holds no other. */
  readonly onUnreadable?: (failed: Failed) => void;
  /** Goes on behind the object of this key. */
  readonly after?: string;
}

/** In order; so many are read ahead. */
export async function* selectObjects(
  kept: KeptObjects,
  { topic, since, reason }: Filters,
  { onUnreadable = () => {}, after }: Reading = {},
): AsyncGenerator<ReadObject> {
  async function read(one: KeptObject): Promise<ReadObject[]> {
    try {
      return [await kept.read(one)];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onUnreadable({ key: one.key, reason: error.message });
      return [];
    }
  }
  for await (const group of kept.groups(topic, after)) {
    const recent = group.filter(({ keptAt }) => !since || keptAt >= since);
    for (let at = 0; at < recent.length; at += READS_AT_ONCE) {
      const ahead = recent.slice(at, at + READS_AT_ONCE);
      for (const object of (await Promise.all(ahead.map(read))).flat()) {
        const isOfTopic = !topic || object.records.some((record) => record.topic === topic);
        if (isOfTopic && (!reason || object.reason.includes(reason))) yield object;
      }
    }
  }
}

export async function* readNamed(
  kept: KeptObjects,
  names: readonly string[],
): AsyncGenerator<ReadObject> {
  for (const name of names) yield await kept.read(named(name));
}

/** A key as S3 has it, or a position `<topic>/<partition>/<offset>`. */
export function named(name: string): KeptObject {
  const { topic, partition, offset } =
    /^(?<topic>[^/]+)\/(?<partition>\d{1,10})\/(?<offset>\d{1,19})$/.exec(name)?.groups ?? {};
  const isPosition = topic !== undefined && offset !== undefined;
  const key = isPosition ? quarantineKey(topic, Number(partition), BigInt(offset)) : name;
  return { key, keptAt: new Date(0) };
}

/** @throws {Refusal} when the time is none. */
export function filtersOf({ topic, since, reason }: Which): Filters {
  return { topic, since: readSince(since), reason };
}

function readSince(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new Refusal(`--since must be a date or time such as 2026-01-31T12:00:00Z, not "${text}".`);
}

export function toLine({ key, keptAt, reason, records }: ReadObject): string {
  const count = records.length === 1 ? '' : `${records.length} records, `;
  return `${keptAt.toISOString()}  ${key}  ${count}${reason.replaceAll(/\s+/g, ' ')}\n`;
}

export function toJsonLine({ key, keptAt, reason, streamEpoch, records }: ReadObject): string {
  const first = records[0];
  return `${JSON.stringify({
    key,
    kept_at: keptAt.toISOString(),
    reason,
    stream_epoch: streamEpoch ?? null,
    records: records.length,
    topic: first?.topic,
    partition: first?.partition,
    offset: first && JSON.rawJSON(first.offset.toString()),
  })}\n`;
}

export function showObject({ key, reason, streamEpoch, records }: ReadObject): string {
  const shown = records.map(({ topic, partition, offset, timestamp, headers, ...record }) =>
    [
      `${topic} partition ${partition} offset ${offset}  ${timeOf(timestamp)}`,
      ...headers.map((header) => `header ${header.name}: ${showBytes(header.value)}`),
      `key: ${showBytes(record.key)}`,
      `value: ${showBytes(record.value)}`,
    ].join('\n'),
  );
  const epoch = streamEpoch === undefined ? [] : [`stream epoch: ${streamEpoch}`];
  return `${[key, `reason: ${reason}`, ...epoch, ...shown].join('\n')}\n`;
}

/** Kafka's own "none" is -1. */
function timeOf(timestamp: number): string {
  return timestamp < 0 ? 'without a time' : new Date(timestamp).toISOString();
}
