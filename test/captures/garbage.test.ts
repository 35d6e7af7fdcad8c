// I10: records that cannot be read are quarantined with their reason and their bytes, and everything
// around them is as exact as if they had never been sent.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { onOneLine } from '../../local/replay/answers.ts';
import { CAPTURES, useBench } from './replay.ts';

const bench = useBench();
const folder = mkdtempSync(join(tmpdir(), 'garbage-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Line {
  topic: string;
  partition: number;
  offset: number;
  key: string | null;
  value: string | null;
}

const lines = readFileSync(join(CAPTURES, 'envelope.ndjson'), 'utf8').trimEnd().split('\n');
const records: Line[] = lines.map((line) => JSON.parse(line));

/** A row that has one event only: without that event it was never there. */
const target = records.findIndex((record, index) => {
  const isOrder = record.topic.endsWith('.orders') && record.value?.includes('"op":"c"');
  const isAlone = !records.some(
    (other, at) => at !== index && other.topic === record.topic && other.key === record.key,
  );
  return isOrder && isAlone;
});
const original = records[target] as Line;
const { topic, partition, offset } = original;

function withColumn(column: string, value: unknown): string {
  const event = JSON.parse(original.value ?? '');
  return JSON.stringify({ ...event, after: { ...event.after, [column]: value } });
}

async function replayWith(line: string | undefined, batchSize = 500) {
  const file = join(folder, 'garbage.ndjson');
  const kept = lines.flatMap((text, index) => (index === target ? (line ?? []) : text));
  writeFileSync(file, `${kept.join('\n')}\n`);
  const { counts, reports } = await bench.replay(file, batchSize);
  const documents = [...reports.values()].map((text) =>
    onOneLine(text).replace(/"generated_at": "[^"]+"/, ''),
  );
  return { counts, documents };
}

test.for<[string, string, RegExp]>([
  ['not JSON', 'this is not JSON', /^value is not JSON/],
  ['cut off', original.value?.slice(0, -20) ?? '', /^value is not JSON/],
  ['5 MB of text', 'x'.repeat(5_000_000), /^value is not JSON/],
  ['a wrong type', withColumn('customer_id', 'somebody'), /^column customer_id is "somebody"/],
  [
    'an object for a number',
    withColumn('total_amount', { a: 1 }),
    /^column total_amount is an object/,
  ],
  ['a missing column', withColumn('total_amount', undefined), /^column total_amount is missing/],
  ['an absurd amount', withColumn('total_amount', 1e300), /^column total_amount is 1e\+300/],
  ['an absurd time', withColumn('created_at', 1e300), /^column created_at is 1e\+300/],
])('a value that is %s', async ([_case, value, reason]) => {
  const garbage = await replayWith(JSON.stringify({ ...original, value }));
  expect(garbage.counts).toMatchObject({ records: lines.length, quarantined: 1 });
  const without = await replayWith(undefined);
  expect(without.counts).toMatchObject({ applied: 0, quarantined: 0 });
  expect(garbage.documents).toEqual(without.documents);
  const quarantined = await bench.objects('quarantine/');
  expect([...quarantined.keys()]).toEqual([`quarantine/${topic}/${partition}/${offset}.json`]);
  expect(JSON.parse([...quarantined.values()][0] ?? '')).toMatchObject({
    topic,
    partition,
    offset,
    reason: expect.stringMatching(reason),
    key: original.key,
    value,
  });
});

test.for(['this is no record', '{"topic":"t"}', '', '[1,2', '42'])(
  'a capture line that is no record at all: %j',
  async (line) => {
    const garbage = await replayWith(line === '' ? undefined : line);
    const quarantined = [...(await bench.objects('quarantine/')).values()];
    expect(garbage.counts.quarantined).toBe(line === '' ? 0 : 1);
    expect(quarantined).toHaveLength(line === '' ? 0 : 1);
    expect(garbage.documents).toEqual((await replayWith(undefined)).documents);
    if (line !== '') expect(JSON.parse(quarantined[0] ?? '')).toMatchObject({ value: line });
  },
);
