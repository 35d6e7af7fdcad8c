import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PartitionLog } from '../../local/stream/partition-log.ts';
import { Positions } from '../../local/stream/positions.ts';
import { LocalTopics } from '../../local/stream/topics.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TOPIC = 'dbserver1.public.orders';

function newRecord(value: number) {
  return { timestamp: 1, key: `${value}`, value: `${value}`, headers: [] };
}

function openLog(folder: string, committed = 0n): PartitionLog {
  return new PartitionLog(folder, TOPIC, 1, committed);
}

function fill(log: PartitionLog, count: number): void {
  for (let index = 0; index < count; index += 1) log.append([newRecord(index)]);
}

function segmentsIn(folder: string): string[] {
  return readdirSync(join(folder, `${TOPIC}-1`)).toSorted();
}

test('records come back by offset, across segments and a restart', () => {
  const folder = temporaryDirectory();
  fill(openLog(folder), 600);
  const log = openLog(folder);
  expect(log.nextOffset).toBe(600n);
  const read = log.read(250n, 300);
  expect(read.map(({ offset }) => offset)).toEqual(
    Array.from({ length: 300 }, (_, i) => BigInt(250 + i)),
  );
  expect(read[0]).toEqual({ topic: TOPIC, partition: 1, offset: 250n, ...newRecord(250) });
  expect(log.read(600n, 10)).toEqual([]);
});

test('consumed segments leave the disk, and the offsets go on', () => {
  const folder = temporaryDirectory();
  const log = openLog(folder);
  fill(log, 600);
  expect(segmentsIn(folder)).toHaveLength(3);
  log.dropBefore(511n);
  expect(segmentsIn(folder)).toHaveLength(2);
  log.dropBefore(600n);
  expect(segmentsIn(folder)).toEqual(['00000000000000000512.ndjson']);
  expect(openLog(folder).nextOffset).toBe(600n);
});

test('half a line at the end, as a kill leaves it, is dropped and its offset used again', () => {
  const folder = temporaryDirectory();
  fill(openLog(folder), 3);
  appendFileSync(join(folder, `${TOPIC}-1`, '00000000000000000000.ndjson'), '{"topic":"dbserver1');
  const log = openLog(folder);
  expect(log.nextOffset).toBe(3n);
  log.append([newRecord(33)]);
  expect(log.read(2n, 10).map(({ value }) => value)).toEqual(['2', '33']);
});

test('a log whose files are gone goes on after the committed position', () => {
  const folder = temporaryDirectory();
  fill(openLog(folder), 5);
  rmSync(join(folder, `${TOPIC}-1`), { recursive: true });
  const log = openLog(folder, 5n);
  log.append([newRecord(5)]);
  expect(log.read(5n, 10).map(({ offset }) => offset)).toEqual([5n]);
});

test('a damaged segment is an error that names the file', () => {
  const folder = temporaryDirectory();
  fill(openLog(folder), 3);
  writeFileSync(join(folder, `${TOPIC}-1`, '00000000000000000000.ndjson'), 'x\ny\n');
  expect(() => openLog(folder).read(0n, 10)).toThrow(
    /00000000000000000000\.ndjson is damaged at line 1/,
  );
});

test('committed positions survive, lag is what is not consumed', async () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'positions.json');
  const topics = new LocalTopics(folder, [TOPIC], await Positions.open(path));
  for (let id = 0; id < 20; id += 1) topics.append(TOPIC, `{"id":${id}}`, [newRecord(id)]);
  expect(topics.lag()).toBe(20);
  expect(topics.logs.every((log) => log.nextOffset > 0n)).toBe(true);
  await topics.commit(TOPIC, new Map([[1, 2n]]));
  expect(topics.lag()).toBe(17);

  const reopened = new LocalTopics(folder, [TOPIC], await Positions.open(path));
  expect(reopened.lag()).toBe(17);
  writeFileSync(path, '{"x":"-1"}');
  await expect(Positions.open(path)).rejects.toThrow(/positions\.json is damaged/);
});
