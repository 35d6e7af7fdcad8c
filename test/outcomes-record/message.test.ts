// I66: a message that says nothing of an outcome is none. I18: the row, or the reason why there is none, depends on the record
// alone. I81: however it is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIELD_NAMES } from '../../functions/outcomes/record/fields.ts';
import { readPlainMessage } from '../../functions/outcomes/record/message-json.ts';
import { decodeOutcome, type OutcomeRow } from '../../functions/outcomes/record/row.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import { KEPT, QUARANTINED } from './expected-messages.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'api');
const lines = (name: string) => readFileSync(join(FIXTURES, name), 'utf8').trimEnd().split('\n');

const texts = lines('messages.ndjson');
const cases = lines('ingest.ndjson').map((line): string => JSON.parse(line).case);

function decode(value: string | null, timestamp = 1_735_689_600_123) {
  return decodeOutcome(kafkaRecord({ offset: 7, value, timestamp }));
}

function rowOf(value: string): OutcomeRow {
  const decoded = decode(value);
  if (decoded.kind === 'reject') throw new Error(decoded.reason);
  return decoded.row;
}

function readPlain(text: string) {
  try {
    return readPlainMessage(text, FIELD_NAMES);
  } catch {
    return undefined;
  }
}

function reasonOf(value: string | null): string {
  const decoded = decode(value);
  return decoded.kind === 'reject' ? decoded.reason : 'kept';
}

test('every one of the 2,000 sample messages is kept or quarantined as documented', () => {
  const found = texts.map((text, index) => {
    const decoded = decode(text);
    const reason = decoded.kind === 'reject' ? /^\S+(?=: )/.exec(decoded.reason)?.[0] : undefined;
    return `${cases[index]}: ${decoded.kind} ${reason ?? ''}`;
  });
  const documented = cases.map((name) => {
    const field = QUARANTINED[name];
    return `${name}: ${field === undefined ? 'row ' : `reject ${field}`}`;
  });
  expect(found).toEqual(documented);
  expect(found.length).toBe(2_000);
  // Every documented case is there: none was renamed out of the test.
  expect(Object.keys({ ...QUARANTINED, ...KEPT }).filter((name) => !cases.includes(name))).toEqual(
    [],
  );
});

test.for(Object.entries(KEPT))('kept: %s', ([name, columns]) => {
  expect(rowOf(texts[cases.indexOf(name)] ?? '')).toMatchObject(columns);
});

test('a plain message fills every column', () => {
  const text = texts[0] ?? '';
  expect(rowOf(text)).toEqual({
    ...{ bid_id: 'req-000000', user_id: 'user-0025', site_domain: 'site22.example.com' },
    ...{ win_status: true, win_price: '2.17', bid_price: '2.17', currency: 'USD', enriched: true },
    timestamp: '2025-01-01T00:00:00.000000+00',
    auction_timestamp: '2025-01-01T00:00:00.000000+00',
    user_interests: ['technology'],
    raw_data: text,
    kafka_offset: '7',
  });
});

describe('wrappers', () => {
  const outcome = '{"bid_request_id":"r2","win_price":1.10}';

  test.for<[string, string]>([
    ['Kafka Connect’s', `{"schema":{"type":"struct"},"payload":${outcome}}`],
    ['a CloudEvent', `{"specversion":"1.0","id":"e","source":"/a","type":"t","data":${outcome}}`],
    [
      'both',
      `{"schema":null,"payload":{"specversion":"1.0","id":"e","source":"/a","type":"t","data":${outcome}}}`,
    ],
    [
      'a CloudEvent with an attribute named as a field',
      `{"specversion":"1.0","id":"e","source":"/a","type":"t","currency":"EUR","data":${outcome}}`,
    ],
    ['a byte order mark', `\ufeff${outcome}`],
  ])('%s: the message is what is in it', ([_case, value]) => {
    const { bid_id, win_price, raw_data } = rowOf(value);
    expect({ bid_id, win_price }).toEqual({ bid_id: 'r2', win_price: '1.10' });
    expect(raw_data).toBe(outcome);
  });

  test('unions of Avro are the values in them', () => {
    const unions = '{"bid_id":{"string":"r2"},"user_id":null,"win_price":{"double":1.10},';
    const row = rowOf(`${unions}"win_status":{"boolean":true},"user_interests":{"array":["a"]}}`);
    expect(row).toMatchObject({
      ...{ bid_id: 'r2', user_id: 'unknown', win_price: '1.10', win_status: true },
      user_interests: ['a'],
    });
    expect(reasonOf('{"bid_id":{"text":"r2"}}')).toMatch(/^bid_id: must be text or a number/);
  });

  test('a message may have a payload of its own', () => {
    expect(rowOf('{"payload":{},"bid_id":"b"}')).toMatchObject({ bid_id: 'b' });
  });
});

test('I66: a message that names the fields of a bid otherwise is no bid that was lost', () => {
  const reasonOf = (text: string) => {
    const decoded = decode(text);
    return decoded.kind === 'reject' ? decoded.reason : undefined;
  };
  expect(reasonOf('{"bidRequestId":"r","winPrice":1.2,"currency":"EUR","enriched":true}')).toBe(
    'bidRequestId: is not read; must be named bid_request_id',
  );
  expect(reasonOf('{"user_id":"u","WinStatus":true}')).toMatch(/^WinStatus: .* win_status$/);
  expect(reasonOf('{"bid_id":"b","winPrice":1}')).toBeUndefined();
  expect(reasonOf('{"currency":"EUR","winner":true}')).toBeUndefined();
});

test('I66: currencies are few, whatever is sent', () => {
  const letters = Array.from({ length: 26 }, (_none, at) => String.fromCharCode(65 + at));
  const codes = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)));
  const taken = codes.filter((code) => decode(`{"currency":"${code}"}`).kind === 'row');
  expect(taken.length).toBeLessThan(400);
  expect(taken).toEqual(
    expect.arrayContaining(['USD', 'EUR', 'JPY', 'CHF', 'NGN', 'CLF', 'VED', 'XAU']),
  );
});

test('what is read of a plain message is what a closer look reads', () => {
  let plain = 0;
  for (const text of texts) {
    // An escape anywhere in it takes the closer look, which reads every number by its source.
    const fields = readPlain(text);
    if (!fields || Object.keys(fields).length === 0) continue;
    plain += 1;
    const escaped = text.replace('{', String.raw`{"an escape": "\u0041", `);
    expect(readPlain(escaped)).toBeUndefined();
    const [plainly, closely] = [decode(text), decode(escaped)];
    const row = closely.kind === 'row' && { ...closely.row, raw_data: text };
    expect(row ? { ...closely, row } : closely).toEqual(plainly);
  }
  expect(plain).toBeGreaterThan(texts.length / 2);
});

describe('a message is not plain', () => {
  test.each([
    ['with a name that stands twice', '{"win_price": 1.0, "win_price": 2.00}'],
    ["with a member's name as text", '{"a": "win_price", "win_price": 2.00}'],
    ['with the name in an inner object', '{"inner": {"win_price": 1}, "win_price": 2.00}'],
    ['with an escaped name', String.raw`{"win_pric\u0065": 2.00}`],
    ['with numbers in a list', '{"user_interests": [1.0]}'],
    ['with an object in a field', '{"user_id": {}}'],
    ['with an exponent beyond what may be stored', '{"other": 1e1001}'],
    ['with more digits than may be stored', `{"other": 1${'0'.repeat(1_000)}}`],
    ['nested too deep', `{"other": ${'['.repeat(600)}${']'.repeat(600)}}`],
    ['when it is a list', '[1]'],
  ])('%s', (_case, text) => {
    expect(readPlain(text)).toBeUndefined();
  });
});

describe('timestamp', () => {
  const own = '"timestamp":"2025-03-01T00:00:00Z"';
  const auction = '"auction_timestamp":"2025-02-01T00:00:00Z"';

  test("is the message's own, else the auction's, else the Kafka record's", () => {
    expect(rowOf(`{${own},${auction}}`).timestamp).toBe('2025-03-01T00:00:00.000000+00');
    expect(rowOf(`{${auction}}`).timestamp).toBe('2025-02-01T00:00:00.000000+00');
    expect(rowOf('{"enriched":false}').timestamp).toBe('2025-01-01T00:00:00.123000+00');
  });

  test('that nothing has is quarantined: -1 is what Kafka says without one', () => {
    expect(decode('{"enriched":false}', -1)).toEqual({
      kind: 'reject',
      reason: 'timestamp: neither the message nor the Kafka record has one',
    });
  });

  test('far ahead is still a time', () => {
    expect(decode('{"enriched":false}', 8_640_000_000_000_000)).toMatchObject({
      row: { timestamp: '275760-09-13T00:00:00.000000+00' },
      month: null,
    });
  });
});

describe('quarantine', () => {
  test.for([
    ['a tombstone', null, /^value: is null/],
    ['no JSON', '{"a":', /^value: must be a JSON object/],
    [
      'nothing known',
      '{"bidRequestId":"r1"}',
      /^value: has none of an outcome's fields: bid_request_id/,
    ],
    ['a time alone', '{"timestamp":"2025-01-01"}', /^value: has none of an outcome's fields/],
    ['a wrapper around no object', '{"schema":null,"payload":"x"}', /^payload: must be a JSON/],
    [
      'a CloudEvent of bytes',
      '{"specversion":"1.0","id":"e","source":"/a","type":"t"}',
      /^data: must/,
    ],
    ['no currency of ISO 4217', '{"currency":"ABQ"}', /^currency: must be a code of ISO 4217/],
    ['too deep for a stack', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /^value: must/],
    ['too deep for us', `{"x":${'['.repeat(600)}${']'.repeat(600)}}`, /^x: nested deeper/],
    ['a number PostgreSQL cannot hold', '{"x":{"y":[1e200000]}}', /^x: a number of more/],
    ['a price of 101 digits', `{"win_price":${'9'.repeat(101)}}`, /^win_price: must be a finite/],
    ['a price of 1e-101', '{"bid_price":1e-101}', /^bid_price: must be a finite/],
    ['NUL in a name', '{"a\\u0000b":1}', /^a name: holds a NUL/],
    ['NUL deep inside', '{"x":{"y":["\\u0000"]}}', /^x: holds a NUL/],
    ['a page without a host', '{"page_url":"about:blank"}', /^page_url: must be a URL/],
    ['the path of a page alone', '{"page_url":"/news/1"}', /^page_url: must be a URL/],
    ['a mailbox', '{"page_url":"mailto:a@b.example"}', /^page_url: must be a URL/],
    ['framed by a registry', '\0\0\0\0\u0007{"bid_id":"b"}', /^value: begins as a schema registry/],
    ['two things wrong', '{"win_price":"x","enriched":"x"}', /^win_price: .*; enriched: /],
  ] as const)('%s', ([, value, reason]) => {
    expect(reasonOf(value)).toMatch(reason);
  });

  test('bytes that are no UTF-8', () => {
    const record = {
      ...kafkaRecord({ offset: 0, value: '' }),
      value: Buffer.from([0x7b, 0xff, 0x7d]),
    };
    expect(decodeOutcome(record)).toMatchObject({
      reason: expect.stringMatching(/^value: is not UTF-8/),
    });
  });

  test('a page that does not matter is not looked at', () => {
    expect(rowOf('{"site_domain":"a.example","page_url":42}').site_domain).toBe('a.example');
  });
});

test('the host of a page: without scheme, with port and upper case', () => {
  const hostOf = (url: string) => rowOf(JSON.stringify({ page_url: url })).site_domain;
  expect(hostOf('News.Example.org/a?b')).toBe('news.example.org');
  expect(hostOf('shop.example:8080/x')).toBe('shop.example');
  expect(hostOf('HTTPS://Page.Example:443/')).toBe('page.example');
  expect(hostOf('//cdn.example/a')).toBe('cdn.example');
  expect(hostOf('shop.example/x?from=http://other.example')).toBe('shop.example');
});
