// I9: numbers keep every digit.
import { expect, test } from 'vitest';
import { parseExactJson } from '../../../functions/orders/debezium/exact-json.ts';
import { makeMessageReader } from '../../../functions/orders/debezium/message.ts';

const read = makeMessageReader();
const bytes = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const column = { type: 'bytes', name: 'Decimal', parameters: { scale: '2' }, field: 'amount' };
const flat = { type: 'struct', fields: [column] };
const envelope = {
  type: 'struct',
  fields: [
    { type: 'struct', fields: [column], field: 'before' },
    { type: 'struct', fields: [column], field: 'after' },
    { type: 'string', field: 'op' },
  ],
};

test('columns are found in flattened schemas and under after of an envelope', () => {
  const withColumnAfter = { ...flat, fields: [...flat.fields, { type: 'string', field: 'after' }] };
  for (const schema of [flat, envelope, withColumnAfter]) {
    const message = read(bytes({ schema, payload: { amount: 'AQ==' } }));
    expect(message.payload).toEqual({ amount: 'AQ==' });
    expect(message.columns.get('amount')).toEqual({ name: 'Decimal', type: 'bytes', scale: 2 });
  }
});

test('a schema is known again by its bytes, and a changed one is seen at once', () => {
  const changed = { ...flat, fields: [{ ...column, parameters: { scale: '4' } }] };
  const scales = [flat, changed, flat, changed].map(
    (schema) => read(bytes({ schema, payload: {} })).columns.get('amount')?.scale,
  );
  expect(scales).toEqual([2, 4, 2, 4]);
});

test('more schemas than are kept are all read right', () => {
  for (let round = 0; round < 2; round++) {
    for (let scale = 0; scale < 40; scale++) {
      const fields = [{ ...column, parameters: { scale: String(scale) } }];
      const message = read(bytes({ schema: { fields }, payload: {} }));
      expect(message.columns.get('amount')?.scale).toBe(scale);
    }
  }
});

test.each([
  ['payload first', '{"payload":{"a":1},"schema":{"fields":[]}}', { a: 1 }],
  ['payload alone', '{"payload":{"a":1}}', { a: 1 }],
  ['a null payload', '{"schema":null,"payload":null}', null],
  ['white space', ' { "schema" : null , "payload" : {"a":1} } \n', { a: 1 }],
  ['no wrapper, a column named payload', '{"payload":1,"id":2}', { payload: 1, id: 2 }],
  [
    'the needle inside the schema',
    '{"schema":{"doc":{"x":1,"payload":2}},"payload":{"a":1}}',
    { a: 1 },
  ],
  [
    'the needle inside the payload',
    '{"schema":{},"payload":{"a":1,"payload":{"b":2}}}',
    { a: 1, payload: { b: 2 } },
  ],
  ['the needle in text', '{"schema":{},"payload":{"a":",\\"payload\\":{"}}', { a: ',"payload":{' }],
  ['no object', '42', 42],
  ['behind a byte order mark', '\ufeff{"payload":{"a":1}}', { a: 1 }],
])('%s', (_case, text, payload) => {
  expect(read(bytes(text)).payload).toEqual(payload);
});

test.each([
  ['text', 'not json'],
  ['empty', ''],
  ['cut off', '{"schema":{},"payload":{"a":1}'],
  ['something behind it', '{"schema":{},"payload":{"a":1}}garbage'],
  ['one brace too many', '{"schema":{},"payload":{"a":1}}}'],
])('not JSON: %s', (_case, text) => {
  expect(() => read(bytes(text))).toThrow(SyntaxError);
});

test('bytes that are not UTF-8 are refused, not replaced', () => {
  expect(() => read(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
});

test.each([
  ['{"lsn":9007199254740993}', { lsn: 9007199254740993n }],
  ['{"id":123456789012345678901}', { id: 123456789012345678901n }],
  ['{"created_at":1736899200000000}', { created_at: 1736899200000000 }],
  ['{"a":0.1}', { a: 0.1 }],
  ['{"a":-12345678901234.56,"b":1}', { a: { text: '-12345678901234.56' }, b: 1 }],
  ['{"a":0.10000000000000000555}', { a: { text: '0.10000000000000000555' } }],
  ['{"ts_ns":1736899200000000001,"lsn":9007199254740993}', { lsn: 9007199254740993n }],
  ['{"ordered_ns":1736899199999999999}', { ordered_ns: 1736899199999999999n }],
  ['[1,9007199254740993]', [1, 9007199254740993n]],
])('numbers keep their digits: %s', (text, expected) => {
  expect(parseExactJson(text)).toMatchObject(expected);
});
