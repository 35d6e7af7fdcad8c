// Values that programs trip over, as JSON text.
import type { Random } from '../support/random.ts';

const quoted = JSON.stringify;
const NINES = (count: number) => '9'.repeat(count);
const nested = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth);

const TEXTS = [
  '',
  ' ',
  '0',
  '-',
  'null',
  'true',
  'NaN',
  'Infinity',
  '-Infinity',
  '1,5',
  '0x10',
  '1_000',
  '٣',
  'é',
  '💶',
  'e\u0301',
  '\0',
  'a\0b',
  '\u202e',
  '\r\nX: y',
  '\u2028',
  '\\',
  '"',
  "'; drop table auction_outcomes; --",
  '{}',
  '[object Object]',
  '../../x',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '__debezium_unavailable_value',
  'AQ==',
  'AA==',
  'AQv0',
  'gA==',
  '!!!!',
  '2025-02-30',
  '0001-01-01',
  '9999-12-31T23:59:59.999999999Z',
  '0001-01-01T00:00:00+15:59',
  '2025-01-01T24:00:00Z',
  '294277-01-01T00:00:00Z',
  '-4713-01-01',
  '0044-03-15 BC',
  'infinity',
  '-infinity',
  'io.debezium.time.MicroTimestamp',
  'io.debezium.time.Date',
  'org.apache.kafka.connect.data.Decimal',
  'bytes',
  'string',
  'orders',
  'order_items',
  'c',
  'd',
  'm',
  't',
];

/** Half a surrogate pair, escaped and so legal JSON. */
const HALVES = ['"\\ud800"', '"a\\udc00b"', '"\\ud83d"'];

const NUMBERS = [
  ...['0', '-0', '1', '-1', '0.1', '-1.5', '1e3', '1E+2', '5e-324', '1e308', '1e309', '-1e400'],
  ...['2147483647', '2147483648', '-2147483649', '9007199254740991', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '1e18', '1e19'],
  ...['1e999999999', '-1e-999999999', '1e-9999', '0.00000000001', '999999999999999.99'],
  ...['1000000000000000', '123456789012345678901234567890.123456789', '86400000000000'],
  ...[NINES(400), `0.${NINES(400)}`, `-${NINES(1_001)}`, `1.${'0'.repeat(1_000)}`],
];

const WORDS = ['null', 'true', 'false', '[]', '{}', '[null]', '[[]]', '{"":null}'];

const OBJECTS = [
  '{"toString":1,"valueOf":1}',
  '{"toJSON":"x"}',
  '{"length":4294967295}',
  '{"__proto__":{"id":1}}',
  '{"constructor":{"prototype":{"id":1}}}',
  '{"scale":1000000000,"value":"AA=="}',
  '{"scale":-1000000000,"value":"AQ=="}',
  '{"scale":0.5,"value":"AQ=="}',
  '{"scale":-1.5,"value":"AQ=="}',
  '{"scale":1e400,"value":"AQ=="}',
  '{"rawJSON":"1"}',
];

const NAMES = ['__proto__', 'constructor', 'toString', '', '\0', 'payload', 'schema', 'id', 'op'];

/** Legal JSON, but for the odd number that JSON does not know. */
export function hostileLeaf(random: Random): string {
  const what = random.below(100);
  if (what < 38) return quoted(random.pick(TEXTS));
  if (what < 64) return random.pick(NUMBERS);
  if (what < 78) return random.pick(WORDS);
  if (what < 88) return random.pick(OBJECTS);
  if (what < 92) return random.pick(HALVES);
  if (what < 95) return quoted(random.pick(['x', 'é', '💶']).repeat(1 + random.below(5_000)));
  if (what < 98) return nestedLeaf(random);
  return random.pick(['NaN', 'undefined', '01', '+1', "'x'", '1.', '.5', '"\\x"', '"a']);
}

export function hostileName(random: Random): string {
  return random.pick(NAMES);
}

export function hostileText(random: Random): string {
  return random.pick(TEXTS);
}

function nestedLeaf(random: Random): string {
  const depth = random.pick([10, 499, 501, 3_000, random.chance(0.1) ? 100_000 : 600]);
  return random.chance(0.5) ? nested('[', ']', depth) : nested('{"a":[', ']}', depth);
}

/** The bytes of a text with what happens to bytes: cut off, bits turned, put together. */
export function damagedBytes(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  const at = random.below(bytes.length + 1);
  const what = random.below(6);
  if (what === 0) return bytes.subarray(0, at);
  if (what === 1) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
  if (what === 2) return Buffer.concat([bytes, bytes.subarray(at)]);
  if (what === 3) return Buffer.from(text, 'utf16le');
  if (what === 4) return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0x80])]);
  const turned = Buffer.from(bytes);
  if (turned.length > 0) turned[random.below(turned.length)] = random.below(256);
  return turned;
}
