// I91: the message of an outcome, as it came in: in the detail always, in an export by choice, with every digit.
import { beforeAll, expect, test } from 'vitest';
import { type Ask, openApi } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const MESSAGE =
  '{"bid_id": "b", "win_status": true, "win_price": 12345678901234567.89, "note": "a, \\"b\\"", "more": {"10": 1, "9": [null]}}';

const server = useTestPostgres();
let ask: Ask;

beforeAll(async () => {
  const { sql } = await server.freshDatabase();
  await recordMessages([{ offset: 1, value: MESSAGE }], recordPorts(sql, new MemoryQuarantine()));
  ask = openApi(sql);
});

test('the detail has it', async () => {
  const { text } = await ask('/api/outcomes/1/');
  expect(JSON.parse(text).raw_data).toEqual(JSON.parse(MESSAGE));
  expect(text).toContain('"win_price":12345678901234567.89');
});

test('an export has it where that is asked for', async () => {
  for (const format of ['csv', 'ndjson']) {
    const plain = await ask(`/api/outcomes/?format=${format}`);
    expect(plain.text).not.toContain('raw_data');
  }
  const lines = await ask('/api/outcomes/?format=ndjson&include_raw_data=true');
  expect(JSON.parse(lines.text).raw_data).toEqual(JSON.parse(MESSAGE));
  expect(lines.text).toContain('12345678901234567.89');
  const table = await ask('/api/outcomes/winners/?format=csv&include_raw_data=yes');
  expect(table.text).toMatch(/,updated_at,raw_data\r\n1,b,/);
  const [header, row] = (
    await ask('/api/outcomes/?format=csv&include_raw_data=1&page_size=1')
  ).text.split('\r\n');
  expect(header).toMatch(/,raw_data$/);
  expect(row).toContain('""win_price"":12345678901234567.89');
});

test('a list has no place for it, and says so', async () => {
  const refused = await ask('/api/outcomes/?include_raw_data=true');
  expect([refused.status, refused.text]).toEqual([
    409,
    '{"include_raw_data":["Only available with format=csv or format=ndjson."]}',
  ]);
});
