// I61: what connectors really send counts as SQL has it, or is refused with a reason. The inputs are made after
// public bug reports and after runs of Debezium 2.7 and 3.3; each failed once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Settings, useBench } from './replay.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'cases');
const bench = useBench();

interface Case {
  readonly name: string;
  readonly what: string;
  readonly settings?: Settings;
  /** `orders/revenue` and what differs from it. */
  readonly orders: number;
  readonly revenue: string;
  readonly statuses?: Readonly<Record<string, number>>;
  readonly days?: readonly string[];
  readonly products?: Readonly<Record<string, string>>;
  readonly reasons?: readonly RegExp[];
}

const DAY = '2025-07-20';

const cases: readonly Case[] = [
  {
    ...{ name: 'avro-json-union', what: 'values in the unions of Avro’s JSON', orders: 1 },
    ...{ revenue: '12.50', statuses: { new: 1 }, days: [DAY] },
  },
  {
    ...{ name: 'bare-key', what: 'a key that is the id alone', orders: 1, revenue: '12.50' },
  },
  { name: 'cloudevents', what: 'CloudEvents, the second a delete', orders: 0, revenue: '0.00' },
  {
    ...{ name: 'epoch-seconds', what: 'seconds, refused', orders: 0, revenue: '0.00' },
    reasons: [/seconds or milliseconds.*TIMESTAMP_UNIT/, /not a timestamp/, /not a timestamp/],
  },
  {
    ...{ name: 'epoch-seconds', what: 'seconds, as the setting says', orders: 1 },
    ...{ settings: { TIMESTAMP_UNIT: 'seconds' }, revenue: '12.50', days: [DAY] },
    reasons: [/not a timestamp/, /not a timestamp/],
  },
  {
    ...{ name: 'infinity-documented', what: 'both documented infinities', orders: 5 },
    ...{ revenue: '5.00', days: ['-infinity', 'infinity'] },
  },
  {
    ...{ name: 'infinity-double', what: 'a word, not base64', orders: 1, revenue: '12.50' },
    reasons: [
      /total_amount is "Infinity", which can be read as text or as base64/,
      ...[
        /total_amount is "-Infinity"/,
        /total_amount is "NaN"/,
        /total_amount is "POSITIVE_INFINITY", not/,
      ],
    ],
  },
  { name: 'negative-scale', what: 'a scale of -3', orders: 1, revenue: '12000.00' },
  {
    ...{ name: 'partition-routed', what: 'a partition’s name in the source block', orders: 2 },
    ...{ revenue: '19.75', statuses: { new: 1, paid: 1 } },
  },
  {
    ...{ name: 'pk-order-id', what: 'columns of other names, refused', orders: 0, revenue: '0.00' },
    reasons: [/column total_amount is missing/, /column price is missing/],
  },
  {
    ...{ name: 'pk-order-id', what: 'columns of other names, named', orders: 0, revenue: '0.00' },
    settings: {
      ORDERS_COLUMNS: 'id=order_id,total_amount=amount',
      ORDER_ITEMS_COLUMNS: 'price=unit_price',
    },
    products: { 7: '6.00' },
  },
  {
    name: 'pk2-late-delete',
    what: 'a row that moved, its delete late',
    orders: 1,
    revenue: '10.00',
  },
  { name: 'pk2-one-batch', what: 'a row that moved', orders: 3, revenue: '12.00' },
  {
    ...{
      name: 'renamed-topic-tombstone',
      what: 'a topic nobody named',
      orders: 0,
      revenue: '0.00',
    },
    reasons: Array<RegExp>(4).fill(/topic shop-orders is neither .* ORDERS_TOPICS/),
  },
  {
    ...{ name: 'renamed-topic-tombstone', what: 'a topic of another name', orders: 0 },
    ...{ settings: { ORDERS_TOPICS: 'shop-orders' }, revenue: '0.00' },
  },
  { name: 'routed', what: 'ByLogicalTableRouter', orders: 3, revenue: '30.00' },
  {
    ...{ name: 'same-lsn-one-row', what: 'two changes of one LSN', orders: 1, revenue: '25.00' },
    statuses: { paid: 1 },
  },
  {
    ...{ name: 'string-mode-unconstrained', what: 'text or base64, refused', orders: 2 },
    ...{ revenue: '349.90', reasons: [/total_amount is "1500", .* DECIMAL_HANDLING=string/] },
  },
  {
    ...{ name: 'string-mode-unconstrained', what: 'text, as the setting says', orders: 3 },
    ...{ settings: { DECIMAL_HANDLING: 'string' }, revenue: '1849.90' },
  },
  {
    ...{ name: 'topic-any-name', what: 'a topic nobody named', orders: 0, revenue: '0.00' },
    reasons: [/topic shop.orders_v2 is neither/, /topic shop.orders_v2 is neither/],
  },
  {
    ...{ name: 'topic-any-name', what: 'a topic of any name', orders: 2, revenue: '15.00' },
    settings: { ORDERS_TOPICS: 'shop.orders_v2' },
  },
  {
    ...{ name: 'topic-prefix-change', what: 'another topic of the same rows', orders: 3 },
    ...{ revenue: '119.00', statuses: { new: 1, paid: 2 } },
  },
  {
    ...{ name: 'two-scales-no-schema', what: 'a scale for each column', orders: 1 },
    settings: { DECIMAL_SCALE: 'total_amount=2,price=4' },
    ...{ revenue: '12.50', products: { 7: '12.50' } },
  },
  { name: 'two-topics-one-table', what: 'two topics at once', orders: 4, revenue: '40.00' },
  {
    ...{ name: 'unavailable-custom', what: 'another placeholder', orders: 1, revenue: '13.50' },
    settings: { UNAVAILABLE_VALUE: '<unchanged>' },
    statuses: { ['long text '.repeat(300)]: 1 },
  },
];

interface Document {
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function documentOf(reports: ReadonlyMap<string, string>, name: string): Document {
  const text = reports.get(name) ?? '';
  // Money as it stands: a double would hide a digit.
  return JSON.parse<unknown>(text, (_key, value, { source }) =>
    typeof value === 'number' && source?.includes('.') ? source : value,
  ) as Document;
}

test('every input has its right answer here', () => {
  const inputs = readdirSync(CASES).filter((name) => name.endsWith('.ndjson'));
  const named = new Set(cases.map(({ name }) => `${name}.ndjson`)).add(
    'cdnow-logical-router-debezium27.ndjson',
  );
  expect([...named].sort()).toEqual(inputs.sort());
});

test.for(cases.flatMap((one) => [1, 7].map((size) => [one.name, one.what, size, one] as const)))(
  '%s: %s, in batches of %i',
  async ([name, _what, size, expected]) => {
    const file = join(CASES, `${name}.ndjson`);
    const { counts, reports } = await bench.replay(file, size, expected.settings);
    const { metrics } = documentOf(reports, 'summary');
    expect(metrics).toMatchObject({
      ...{ total_orders: expected.orders, total_revenue: expected.revenue },
      ...(expected.statuses && { order_status_breakdown: expected.statuses }),
    });
    if (expected.days) {
      expect(Object.keys(documentOf(reports, 'daily_sales').data)).toEqual(expected.days);
    }
    for (const [product, revenue] of Object.entries(expected.products ?? {})) {
      expect(documentOf(reports, 'product_sales').data[product]?.total_revenue).toBe(revenue);
    }
    const reasons = [...(await bench.objects('quarantine/')).values()].map(
      (text): string => JSON.parse(text).reason,
    );
    const { reasons: allowed = [] } = expected;
    expect(counts.quarantined, reasons.join('\n')).toBe(allowed.length);
    for (const reason of allowed) expect(reasons).toContainEqual(expect.stringMatching(reason));
    const again = await bench.replay(file, size, expected.settings);
    expect(again.counts).toMatchObject({ applied: 0, quarantined: allowed.length });
    expect(documentOf(again.reports, 'summary').metrics).toEqual(metrics);
    expect(await bench.audit()).toEqual([]);
  },
);

test.for([500])(
  'a real shop through ByLogicalTableRouter of Debezium 2.7, in batches of %i',
  async (size) => {
    const expected = JSON.parse(
      readFileSync(join(CASES, 'cdnow-logical-router-debezium27.expected.json'), 'utf8'),
    );
    const { counts, reports } = await bench.replay(
      join(CASES, 'cdnow-logical-router-debezium27.ndjson'),
      size,
    );
    expect(counts).toMatchObject({ records: expected.records, quarantined: 0 });
    const days = documentOf(reports, 'daily_sales').data;
    const sums = Object.entries<{ total_amount: string; order_count: number }>(
      expected.daily_sales,
    );
    expect(Object.keys(days)).toHaveLength(sums.length);
    for (const [day, { total_amount, order_count }] of sums) {
      expect(days[day]).toEqual({ total_amount: money(total_amount), order_count });
    }
  },
);

/** At least two digits after the point, and no zeros beyond them. */
function money(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}
