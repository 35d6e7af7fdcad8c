// I90: what a report says survives every form that the API gives it, and every run that is listed can be read.
import { beforeAll, expect, test } from 'vitest';
import { REPORTS, reportKey } from '../../functions/contracts.ts';
import { Decimal } from '../../functions/orders/decimal.ts';
import { renderReports } from '../../functions/orders/reports/render.ts';
import { reportIndex, reportRows, reportRuns } from '../../functions/outcomes/respond/schemas.ts';
import { makeReportsStore } from '../../functions/outcomes/store/reports-store.ts';
import { type Ask, askStores } from '../support/api.ts';
import { exactJson } from '../support/exact-json.ts';
import { BUCKET, useTestBucket } from '../support/s3-folder.ts';
import { UNUSED_OUTCOMES } from '../support/unused-outcomes.ts';

const REVENUE = decimal('12345678901234567.89');
/** In rank order, which no client that sorts integer-like keys keeps. */
const PRODUCTS = ['758', '677', '29', '9223372036854775807'];
const FIGURES = {
  days: [
    { day: '2026-01-02', amount: REVENUE, orders: 2n, ordersByStatus: new Map([['a,"b"', 2n]]) },
    { day: '2026-01-01', amount: decimal('0.1'), orders: 1n, ordersByStatus: new Map() },
  ],
  products: PRODUCTS.map((id) => ({ id: BigInt(id), quantity: 3n, revenue: REVENUE, items: 1n })),
  customers: [{ id: 5n, orders: 1n, spent: REVENUE }],
  distinctCustomers: 1n,
  distinctProducts: 4n,
  brokenCounts: 0,
};

const bucket = useTestBucket();
let ask: Ask;

beforeAll(() => {
  const reports = makeReportsStore(bucket.s3, BUCKET, 'analytics');
  ask = askStores({ outcomes: UNUSED_OUTCOMES, reports });
});

test('before the first run there is nothing to list, and nothing fails', async () => {
  const runs = await ask('/api/reports/summary/runs/');
  expect([runs.status, runs.text]).toEqual([200, '{"next":null,"previous":null,"results":[]}']);
  expect((await ask('/api/reports/other/runs/')).status).toBe(404);
  for (const form of ['csv', 'list']) {
    expect((await ask(`/api/reports/summary/?format=${form}`)).status).toBe(404);
  }
});

test('as CSV and as a list, ranked ones with their rank: all in order, to the last digit', async () => {
  await writeRun('2026-11-26T21:00:00');
  const csv = async (name: string) => (await ask(`/api/reports/${name}/?format=csv`)).text;
  expect(await csv('product_sales')).toBe(
    'rank,product_id,quantity_sold,total_revenue\r\n' +
      PRODUCTS.map((id, at) => `${at + 1},${id},3,12345678901234567.89\r\n`).join(''),
  );
  expect(await csv('customer_metrics')).toBe(
    'rank,customer_id,order_count,total_spent\r\n1,5,1,12345678901234567.89\r\n',
  );
  expect(await csv('daily_sales')).toBe(
    'date,total_amount,order_count\r\n2026-01-01,0.10,1\r\n2026-01-02,12345678901234567.89,2\r\n',
  );
  expect(await csv('order_status')).toBe('status,order_count\r\n"a,""b""",2\r\n');
  expect(await csv('summary')).toBe(
    'metric,value\r\ntotal_orders,3\r\ntotal_revenue,12345678901234567.99\r\nunique_customers,1\r\n' +
      'unique_products_sold,4\r\n"order_status_breakdown.a,""b""",2\r\n',
  );
  const list = exactJson((await ask('/api/reports/product_sales/?format=list')).text);
  const [type, at] = ['product_sales', '2026-11-26T21:00:00'];
  expect(list).toEqual({
    ...{ report_type: type, generated_at: at },
    data: PRODUCTS.map((id, place) => ({
      ...{ rank: String(place + 1), product_id: id, quantity_sold: '3' },
      total_revenue: '12345678901234567.89',
    })),
  });
  for (const { name } of REPORTS) {
    const form = await ask(`/api/reports/${name}/?format=list`);
    expect(form.headers['content-type']).toBe('application/json');
    expect(reportRows.safeParse(form.json()).success, name).toBe(true);
    const table = await ask(`/api/reports/${name}/`, { headers: { accept: 'text/csv' } });
    expect([table.headers['content-type'], table.headers['content-disposition']]).toEqual([
      'text/csv; charset=utf-8; header=present',
      `attachment; filename="${name}_20261126_210000.csv"`,
    ]);
    expect((await ask(`/api/reports/${name}/`)).json()).toHaveProperty('report_type');
  }
});

test('every run that is listed can be read by its `at`, newest first, both ways through the pages', async () => {
  const times = Array.from({ length: 7 }, (_, hour) => `2026-11-26T1${hour}:00:00`);
  for (const time of times) await writeRun(time);
  await writeRun('2026-11-26T21:00:00');
  const expected = [...times, '2026-11-26T21:00:00'].reverse();
  const pages: string[][] = [];
  let url: string | null = '/api/reports/summary/runs/?page_size=3';
  let last = '';
  while (url) {
    const page = reportRuns.parse((await ask(url)).json());
    pages.push(page.results.map(({ at }) => at));
    for (const run of page.results) {
      const document = (await ask(pathOf(run.url))).json<{ generated_at: string }>();
      expect(document.generated_at).toBe(run.at);
    }
    expect(page.previous === null).toBe(pages.length === 1);
    last = url;
    url = page.next && pathOf(page.next);
  }
  expect(pages.flat()).toEqual(expected);
  const back = reportRuns.parse((await ask(last)).json()).previous ?? '';
  const before = reportRuns.parse((await ask(pathOf(back))).json());
  expect(before.results.map(({ at }) => at)).toEqual(expected.slice(3, 6));
  expect(before.next).not.toBe(null);
});

test('a run is found by time, and what is no cursor is refused', async () => {
  const at = async (query: string) =>
    reportRuns
      .parse((await ask(`/api/reports/summary/runs/?page_size=1&${query}`)).json())
      .results.map((run) => run.at);
  expect(await at('generated_before=2026-11-26T14:59:59')).toEqual(['2026-11-26T14:00:00']);
  expect(await at('generated_before=2026-11-26T14:00:00')).toEqual(['2026-11-26T14:00:00']);
  expect(await at('generated_before=2026-11-26')).toEqual(['2026-11-26T21:00:00']);
  expect(await at('generated_before=0001-01-01')).toEqual([]);
  for (const cursor of ['x', 'bnVsbA', btoa('{"s":"20269999_999999","b":false}')]) {
    const refused = await ask(`/api/reports/summary/runs/?cursor=${cursor}`);
    expect([refused.status, refused.text]).toEqual([404, '{"detail":"Invalid cursor"}']);
  }
  expect((await ask('/api/reports/summary/runs/?generated_before=soon')).status).toBe(400);
});

test('the list of reports tells a time that `?at=` takes', async () => {
  const index = reportIndex.parse((await ask('/api/reports/')).json());
  expect(index.map(({ name }) => name)).toEqual(REPORTS.map(({ name }) => name));
  for (const { name, generated_at: at } of index) {
    expect((await ask(`/api/reports/${name}/?at=${at}`)).status).toBe(200);
  }
});

async function writeRun(generatedAt: string): Promise<void> {
  const stamp = generatedAt.replaceAll(/[-:]/g, '').replace('T', '_');
  for (const [name, document] of renderReports(FIGURES, generatedAt)) {
    for (const key of [stamp, 'latest'])
      await bucket.put(reportKey('analytics', name, key), document);
  }
}

function decimal(text: string): Decimal {
  return Decimal.parse(text) ?? Decimal.ZERO;
}

function pathOf(url: string): string {
  return url.replace('http://localhost:8000', '');
}
