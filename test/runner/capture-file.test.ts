import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCaptures, readCaptures } from '../../local/replay/captures.ts';
import { readCaptureLine, renderRefusedLine } from '../../local/stream/capture-line.ts';
import { readLines } from '../../local/stream/read-lines.ts';
import { toCaptureLine } from '../../local/stream/record.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const FALLBACK = { topic: 'capture.ndjson', partition: 0, offset: 3n };
const FIELDS = {
  topic: 'dbserver1.public.orders',
  partition: 2,
  offset: 41,
  timestamp: 1736900000000,
  key: '{"id":1}',
  value: '{"id":1}',
  headers: [{ a: 'b' }, { n: null }],
};

function read(line: string | Buffer) {
  return readCaptureLine(Buffer.from(line), FALLBACK);
}

function readRefused(line: string | Buffer) {
  const result = read(line);
  if (result.kind !== 'refused') throw new Error('The line was taken for a record.');
  return result.refused;
}

test('a record reads as written, and back', () => {
  const result = read(JSON.stringify(FIELDS));
  const record = {
    ...FIELDS,
    offset: 41n,
    headers: [
      ['a', 'b'],
      ['n', null],
    ],
  };
  expect(result).toEqual({ kind: 'record', record });
  if (result.kind === 'record') expect(JSON.parse(toCaptureLine(result.record))).toEqual(FIELDS);
});

test.each([[{ a: 'b', n: null }], [[{ a: 'b', n: null }]], [[{ a: 'b' }, { n: null }]]])(
  'headers are read in the forms that tools write: %j',
  (headers) => {
    const result = read(JSON.stringify({ ...FIELDS, headers }));
    expect(result).toMatchObject({
      record: {
        headers: [
          ['a', 'b'],
          ['n', null],
        ],
      },
    });
  },
);

test('a tombstone, a missing key and missing headers are legal', () => {
  const { key: _key, headers: _headers, ...rest } = FIELDS;
  const result = read(JSON.stringify({ ...rest, value: null }));
  expect(result).toMatchObject({ record: { key: null, value: null, headers: [] } });
});

test.each(['9007199254740993', '"9007199254740993"'])('offset %s keeps its digits', (offset) => {
  const line = JSON.stringify(FIELDS).replace('"offset":41', `"offset":${offset}`);
  expect(read(line)).toMatchObject({ record: { offset: 9007199254740993n } });
});

test.each([
  ['an object as value', { value: { id: 1 } }, 'value is neither text nor null'],
  ['no value', { value: undefined }, 'value is neither text nor null'],
  ['a number as key', { key: 5 }, 'key is neither text nor null'],
  ['text as timestamp', { timestamp: 'now' }, 'timestamp is not a whole number'],
  ['headers of no form', { headers: 'a: b' }, 'headers is neither a list'],
])('%s is refused at its own position', (_what, change, reason) => {
  const line = JSON.stringify({ ...FIELDS, ...change });
  const refused = readRefused(line);
  expect(refused).toMatchObject({ topic: FIELDS.topic, partition: 2, offset: 41n });
  expect(refused.reason).toContain(reason);
  expect(JSON.parse(renderRefusedLine(refused))).toMatchObject({ offset: 41, value: line });
});

test.each([
  ['not JSON'],
  ['{"topic":"dbserver1.public.orders","partition":0,"off'],
  ['[1]'],
  ['null'],
  [JSON.stringify({ ...FIELDS, topic: '../../etc' })],
  [JSON.stringify({ ...FIELDS, topic: '..' })],
  [JSON.stringify({ ...FIELDS, partition: -1 })],
  [JSON.stringify({ ...FIELDS, partition: 2 ** 31 })],
  [JSON.stringify({ ...FIELDS, offset: 1.5 })],
  [JSON.stringify({ ...FIELDS, offset: -1 })],
  [JSON.stringify(FIELDS).replace('"offset":41', '"offset":9223372036854775808')],
])('%s is refused at the line of the file', (line) => {
  const refused = readRefused(line);
  expect(refused).toMatchObject(FALLBACK);
  expect(JSON.parse(renderRefusedLine(refused))).toMatchObject({ value: line, key: null });
});

test('bytes that are no text are kept as they are', () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  const document = JSON.parse(renderRefusedLine(readRefused(bytes)));
  expect(document).not.toHaveProperty('value');
  expect(Buffer.from(document.value_base64, 'base64')).toEqual(bytes);
});

test('lines are read whole across chunks, and cut when absurdly long', async () => {
  const path = join(temporaryDirectory(), 'long');
  const long = 'é'.repeat(200_000);
  writeFileSync(path, `${long}\n\nshort\n${'y'.repeat(500_000)}\nend`);
  const lines = await Array.fromAsync(readLines(path, 450_000));
  expect(lines.map(({ number, cut, bytes }) => [number, cut, bytes.length])).toEqual([
    [1, false, 400_000],
    [2, false, 0],
    [3, false, 5],
    [4, true, 450_000],
    [5, false, 3],
  ]);
  expect(lines[0]?.bytes.toString()).toBe(long);
});

test('garbage in the middle stops nothing; files of one name keep their garbage apart', async () => {
  const [one, two] = [temporaryDirectory(), temporaryDirectory()].map((path) => join(path, 'same'));
  const good = JSON.stringify(FIELDS);
  writeFileSync(String(one), `${good}\ngarbage\n\n${good}\r\n`);
  writeFileSync(String(two), `\ngarbage`);
  const captures = await openCaptures([String(one), String(two)]);
  const lines = await Array.fromAsync(readCaptures(captures));
  const positions = lines.map((line) => (line.kind === 'record' ? 'record' : line.refused));
  expect(positions).toEqual([
    'record',
    expect.objectContaining({ topic: 'same', partition: 0, offset: 2n }),
    'record',
    expect.objectContaining({ topic: 'same', partition: 1, offset: 2n }),
  ]);
});
