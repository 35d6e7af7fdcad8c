// A strict client of the running product: its types come from the API's description alone. Compiled in `.cache`
// beside the generated `schema.d.ts`, then run. What does not compile, or answers otherwise, ends it.
import { deepEqual, equal, ok } from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

type Page = components['schemas']['OutcomePage'];
type Report = components['schemas']['Report'];

const baseUrl = process.argv[2];
if (baseUrl === undefined) throw new Error('Name the base URL.');
const client = createClient<paths>({ baseUrl });
const used = new Set<string>();

function answered<Data>(
  path: keyof paths,
  { data, response }: { data?: Data; response: Response },
): Data {
  used.add(path);
  if (data === undefined) throw new Error(`${response.url}: ${response.status}`);
  return data;
}

async function useLists(): Promise<number> {
  const query = { ordering: '-win_price', page_size: 5, min_price: 0.5, win_status: true };
  const list = answered(
    '/api/outcomes/',
    await client.GET('/api/outcomes/', { params: { query } }),
  );
  const page: Page = list;
  const prices: string[] = list.results.map(({ win_price }) => win_price);
  ok(prices.length === 5 && prices.every((price) => Number(price) >= 0.5));
  ok(page.count !== undefined && page.count > 5 && page.previous === null);

  // Arrays as this client sends them: repeated.
  const sorted = await client.GET('/api/outcomes/winners/', {
    params: { query: { ordering: ['win_price', '-timestamp'], cursor: '' } },
  });
  equal(new URL(sorted.response.url).searchParams.getAll('ordering').length, 2);
  const { results, next } = answered('/api/outcomes/winners/', sorted);
  const inOrder = results.toSorted(
    (a, b) => Number(a.win_price) - Number(b.win_price) || b.timestamp.localeCompare(a.timestamp),
  );
  deepEqual(results, inOrder);
  ok(typeof next === 'string');

  const id = results[0]?.id ?? 0;
  const path = '/api/outcomes/{id}/';
  const one = answered(path, await client.GET(path, { params: { path: { id } } }));
  const margin: number = one.profit_margin;
  ok(one.is_winner && Number.isFinite(margin) && one.auction_timestamp !== undefined);
  return page.count;
}

async function useFigures(): Promise<void> {
  const query = { win_status: true, timestamp_after: '2025-01-01' };
  const stats = answered(
    '/api/outcomes/stats/',
    await client.GET('/api/outcomes/stats/', { params: { query } }),
  );
  const days = answered(
    '/api/outcomes/daily_stats/',
    await client.GET('/api/outcomes/daily_stats/', { params: { query } }),
  );
  equal(
    days.reduce((sum, { wins }) => sum + wins, 0),
    stats.total_wins,
  );
  const byCurrency = stats.by_currency.map(({ currency, total_wins }) => ({
    currency,
    total_wins,
  }));
  equal(
    byCurrency.reduce((sum, { total_wins }) => sum + total_wins, 0),
    stats.total_wins,
  );
}

async function useExports(count: number): Promise<void> {
  const query = { win_status: true, min_price: '0.5' };
  for (const path of ['/api/outcomes.csv', '/api/outcomes.ndjson'] as const) {
    const text = answered(path, await client.GET(path, { params: { query }, parseAs: 'text' }));
    const lines = text.trimEnd().split(path.endsWith('.csv') ? '\r\n' : '\n');
    equal(lines.length, path.endsWith('.csv') ? count + 1 : count);
  }
  for (const path of ['/api/outcomes/winners.csv', '/api/outcomes/winners.ndjson'] as const) {
    const limited = { page_size: 3, cursor: '' };
    const text: string = answered(
      path,
      await client.GET(path, { params: { query: limited }, parseAs: 'text' }),
    );
    ok(text.length > 0);
  }
}

async function useReports(): Promise<void> {
  const list = answered('/api/reports/', await client.GET('/api/reports/'));
  for (const { name, written_at } of list) {
    ok(written_at !== null);
    const path = '/api/reports/{name}/';
    const report = answered(path, await client.GET(path, { params: { path: { name } } }));
    ok(totalOf(report) > 0, name);
  }
}

/** The type of each report follows from its `report_type`. */
function totalOf(report: Report): number {
  switch (report.report_type) {
    case 'daily_sales':
      return Object.values(report.data).reduce((sum, { order_count }) => sum + order_count, 0);
    case 'product_sales':
      return Object.values(report.data).reduce((sum, { quantity_sold }) => sum + quantity_sold, 0);
    case 'customer_metrics':
      return Object.values(report.data).reduce((sum, { total_spent }) => sum + total_spent, 0);
    case 'order_status_distribution':
      return Object.values(report.data).reduce((sum, orders) => sum + orders, 0);
    case 'summary':
      return report.metrics.total_orders;
  }
}

async function useReportForms(): Promise<void> {
  const path = { name: 'product_sales' } as const;
  const csv = '/api/reports/{name}.csv';
  const table = answered(csv, await client.GET(csv, { params: { path }, parseAs: 'text' }));
  ok(table.startsWith('rank,product_id,'));
  const list = '/api/reports/{name}.list';
  const { data } = answered(list, await client.GET(list, { params: { path } }));
  equal(data[0]?.rank, 1);
  const runs = '/api/reports/{name}/runs/';
  const { results } = answered(
    runs,
    await client.GET(runs, { params: { path, query: { page_size: 1 } } }),
  );
  ok(results[0] !== undefined && results[0].bytes > 0);
}

async function usePipeline(): Promise<void> {
  const { problems, streams } = answered('/api/pipeline/', await client.GET('/api/pipeline/'));
  ok(Array.isArray(problems) && streams.length > 0);
  const list = '/api/pipeline/quarantine/';
  const refused = answered(list, await client.GET(list, { params: { query: { page_size: 10 } } }));
  ok(refused.results.length === 0);
  const one = '/api/pipeline/quarantine/{topic}/{partition}/{offset}/';
  const path = { topic: 'auction_outcomes', partition: '0', offset: '999999' };
  equal((await client.GET(one, { params: { path } })).response.status, 404);
  used.add(one);
  const metrics = await client.GET('/api/metrics/', { parseAs: 'text' });
  ok(answered('/api/metrics/', metrics).includes('analytics_database_up 1'));
}

async function useTheRest(): Promise<void> {
  const root = answered('/api/', await client.GET('/api/'));
  ok(root.outcomes.endsWith('/api/outcomes/'));
  const health = answered('/api/health/', await client.GET('/api/health/'));
  equal(health.status, 'ok');
  answered('/api/schema/', await client.GET('/api/schema/'));
  const page = answered(
    '/api/schema.html',
    await client.GET('/api/schema.html', { parseAs: 'text' }),
  );
  ok(page.startsWith('<!doctype html>'));
}

async function useGraphql(): Promise<void> {
  const body = {
    query: '{ stats { total_wins } outcomes(page_size: 2) { results { id win_price } } }',
  };
  const { data, errors } = answered('/api/graphql/', await client.POST('/api/graphql/', { body }));
  ok(errors === undefined && data !== null && data !== undefined && 'stats' in data);
}

async function useRefusals(): Promise<void> {
  const { error } = await client.GET('/api/outcomes/', { params: { query: { min_price: 'abc' } } });
  ok(error !== undefined && 'min_price' in error);
  const query = { page: 1, cursor: '' };
  const { response } = await client.GET('/api/outcomes/', { params: { query } });
  equal(response.status, 409);
  // @ts-expect-error: a parameter that does not exist does not compile.
  await client.GET('/api/outcomes/', { params: { query: { winstatus: true } } });
}

const count = await useLists();
await useFigures();
await useExports(count);
await useReports();
await useReportForms();
await usePipeline();
await useTheRest();
await useGraphql();
await useRefusals();
const schema = (await (await fetch(`${baseUrl}/api/schema/`)).json()) as { paths: object };
const unused = Object.keys(schema.paths).filter((path) => !used.has(path));
deepEqual(unused, [], 'Each path of the description is used here.');
process.stdout.write(`${used.size} paths used\n`);
