// What people do: filter, page, go back, share an address, use the keyboard alone, download, delete; and
// what they see when there is nothing, or nothing works.
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage, type Watched } from './browser.ts';
import { eventually } from './eventually.ts';
import { trapLines, WIDEST_DAY } from './seed.ts';
import { openService, type Service } from './service.ts';

let full: Service;
let empty: Service;
let browser: Browser;

beforeAll(async () => {
  const env = { FLUSH_INTERVAL: '3600', ALLOW_DELETE: 'true' };
  const readyPath = '/api/pipeline/';
  [full, empty, browser] = await Promise.all([
    openService({ port: 31_500, lines: trapLines(Date.now()), env, readyPath }),
    openService({ port: 31_510, env: { FLUSH_INTERVAL: '3600' }, readyPath }),
    openBrowser(),
  ]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await full?.close();
  await empty?.close();
});

async function visit(url: string, options = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  await watched.page.goto(url);
  await watched.page.waitForSelector('main h1');
  return watched;
}

const ROWS = '.rows tbody tr';
const total = '.panel-foot .soft';

test.each([
  ['Result', 'select', 'Won', 'win_status=true', 65],
  ['Enriched', 'select', 'Yes', 'enriched=true', 44],
  ['Site', 'text', 'site-0.example', 'site_domain=site-0.example', 44],
  ['Currency', 'text', 'JPY', 'currency=JPY', 26],
  ['User id', 'text', 'user-3', 'user_id=user-3', 19],
  ['Bid id', 'text', 'bid-0007', 'bid_id=bid-0007', 1],
  ['Win price from', 'text', '0.500000001', 'min_price=0.500000001', 65],
  ['Win price to', 'text', '0', 'max_price=0', 65],
] as const)(
  'filter %s leaves exactly what the API says',
  async (label, kind, value, query, count) => {
    const { page, complaints } = await visit(`${full.url}/#/outcomes`);
    await page.locator(ROWS).first().waitFor();
    const role = kind === 'select' ? 'combobox' : 'textbox';
    const field =
      label === 'Currency'
        ? page.getByRole('combobox', { name: label })
        : page.getByRole(role, { name: label, exact: true });
    if (kind === 'select') await field.selectOption(value);
    else {
      await field.fill(value);
      await page.keyboard.press('Enter');
    }
    await eventually(() => page.url()).toContain(query);
    await eventually(() => page.locator(total).innerText()).toContain(`of ${count} that match`);
    await page.reload();
    await eventually(() => page.locator(total).innerText()).toContain(`of ${count} that match`);
    expect(await field.inputValue()).toBe(kind === 'select' ? 'true' : value);
    expect(complaints).toEqual([]);
    await page.context().close();
  },
);

test('days by the hierarchy and by hand; a refused filter says why beside its field', async () => {
  const { page, expectStatus } = await visit(`${full.url}/#/outcomes`);
  await page.locator('.dates-choices a').last().click();
  await page.locator('.dates-path b', { hasText: /\w+ \d{4}/ }).waitFor();
  await page.locator('.dates-choices a').first().click();
  await eventually(() => page.url()).toMatch(/timestamp_after=(\S+)&timestamp_before=\1$/);
  await page.getByRole('link', { name: 'All dates' }).click();
  await page.getByLabel('From day (UTC)').fill('2001-02-03');
  await page.getByRole('button', { name: 'Apply' }).click();
  await eventually(() => page.url()).toContain('timestamp_after=2001-02-03');
  expectStatus(400);
  await page.getByLabel('Win price from').fill('cheap');
  await page.keyboard.press('Enter');
  await page.locator('#min_price-error', { hasText: 'Enter a number.' }).waitFor();
  await page.context().close();
});

test('pages by cursor survive Back and reload; a wrong cursor is said', async () => {
  const { page, expectStatus } = await visit(`${full.url}/#/outcomes?win_status=true`);
  const first = await page.locator(ROWS).first().innerText();
  await page.getByRole('link', { name: 'Next' }).first().click();
  await eventually(() => page.locator(ROWS).count()).toBe(15);
  const second = await page.locator(ROWS).first().innerText();
  expect(second).not.toBe(first);
  await page.locator(`${ROWS} a`).first().click();
  await page.getByText('Raw message').first().waitFor();
  await page.goBack();
  await eventually(() => page.locator(ROWS).first().innerText()).toBe(second);
  await page.reload();
  await eventually(() => page.locator(ROWS).first().innerText()).toBe(second);
  await page.goBack();
  await eventually(() => page.locator(ROWS).first().innerText()).toBe(first);
  await page.getByRole('link', { name: 'Win price', exact: true }).click();
  await eventually(() => page.locator('th[aria-sort]').innerText()).toBe('Win price');
  expect(page.url()).not.toContain('cursor');
  expectStatus(404);
  await page.goto(`${full.url}/#/outcomes?cursor=nonsense`);
  await page.getByText('Invalid cursor').waitFor();
  await page.getByRole('link', { name: 'First page' }).click();
  await page.locator(ROWS).first().waitFor();
  await page.context().close();
});

test('as many rows a page as are wanted, and the address keeps it', async () => {
  const { page, complaints } = await visit(`${full.url}/#/outcomes`);
  await eventually(() => page.locator(ROWS).count()).toBe(50);
  const sizes = page.getByRole('navigation', { name: 'Rows a page' });
  await sizes.getByRole('link', { name: '200' }).click();
  await eventually(() => page.locator(ROWS).count()).toBe(130);
  expect(page.url()).toContain('rows=200');
  await page.reload();
  await eventually(() => page.locator(ROWS).count()).toBe(130);
  await page.getByRole('combobox', { name: 'Currency' }).fill('JPY');
  await page.keyboard.press('Enter');
  await eventually(() => page.locator(ROWS).count()).toBe(26);
  expect(page.url()).toContain('rows=200');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('by the keyboard alone: to a record, its raw message, and back', async () => {
  const { page } = await visit(`${full.url}/#/`);
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').innerText()).toBe('To the content');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator(ROWS).first().waitFor();
  expect(await page.locator(':focus').innerText()).toBe('Outcomes');
  for (let tabs = 0; tabs < 80; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await page.locator(`${ROWS} a:focus`).count()) break;
  }
  await page.keyboard.press('Enter');
  await page.getByText('"bid_request_id"').waitFor();
  expect(await page.locator(':focus').innerText()).toMatch(/^Outcome \d+$/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator(ROWS).first().waitFor();
  await page.context().close();
});

test('exports and reports are saved as the API gives them', async () => {
  const { page } = await visit(`${full.url}/#/outcomes?currency=JPY`);
  await page.getByText('of 26 that match').waitFor();
  await page.getByLabel('with the raw message of each').check();
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as CSV' }).click(),
  ]);
  const text = readFileSync(await csv.path(), 'utf8');
  expect(text.split('\r\n').length).toBe(28);
  expect(text.split('\r\n')[0]).toMatch(/raw_data$/);
  await page.goto(`${full.url}/#/reports`);
  const [report] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'product_sales as CSV' }).click(),
  ]);
  expect(readFileSync(await report.path(), 'utf8')).toMatch(/\r\n1,758,1,300\.00\r\n2,677,/);
  await page.context().close();
});

test('an earlier run is compared with, and shown by its address', async () => {
  const { page } = await visit(`${full.url}/#/reports?against=run`);
  await page.getByText('The earlier run is of').waitFor();
  expect(await page.locator('.cards').innerText()).toContain('unchanged from the earlier run');
  await page.getByRole('link', { name: 'Earlier runs' }).click();
  await page.locator('.runs a').last().click();
  await page.getByText('Earlier run of').waitFor();
  expect(page.url()).toMatch(/at=\d{4}-/);
  await page.getByRole('link', { name: 'To the newest run' }).click();
  await page.getByText('Newest run:').waitFor();
  expect(await page.locator('.cards').innerText()).toContain(WIDEST_DAY);
  await page.context().close();
});

test('deleting: the count is said again, then it is gone from rows and figures', async () => {
  const { page } = await visit(`${full.url}/#/outcomes?bid_id=bid-0003`);
  await page.getByRole('button', { name: 'Delete 1 outcome…' }).click();
  const dialog = page.getByRole('dialog');
  const act = dialog.getByRole('button', { name: 'Delete', exact: true });
  expect(await act.isDisabled()).toBe(true);
  await dialog.getByLabel('Type 1 to confirm').fill('1');
  await act.click();
  await page.getByText('No outcome matches these filters.').waitFor();
  await page.goto(`${full.url}/#/outcomes?bid_id=bid-0004`);
  // The figures are there as well, so nothing moves under the pointer any more.
  await page.getByRole('button', { name: 'Delete 1 outcome…' }).waitFor();
  await page.locator(`${ROWS} a`).first().click();
  await page.getByRole('button', { name: /^Delete outcome/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No outcome matches these filters.').waitFor();
  await page.context().close();
});

test('where nothing may be deleted, nothing offers it', async () => {
  const { page } = await visit(`${full.url}/#/outcomes?bid_id=bid-0005`);
  await page.route('**/api/outcomes/', (route) =>
    route.fulfill({ status: 200, headers: { allow: 'GET, HEAD, OPTIONS' } }),
  );
  await page.reload();
  await page.locator(ROWS).first().waitFor();
  await page.getByText('of 1 that match').waitFor();
  expect(await page.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
  await page.context().close();
});

test('ten million rows: the count is shown whole, and no page asks for it', async () => {
  const { page } = await openPage(browser);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.route('**/api/outcomes/stats/*', async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replace(/"total_outcomes":\d+/, '"total_outcomes":10000000');
    await route.fulfill({ response: answer, body: text });
  });
  await page.goto(`${full.url}/#/outcomes?win_status=true`);
  await page.getByText('of 10,000,000 that match').waitFor();
  expect(asked.filter((url) => /[?&]page=/.test(url))).toEqual([]);
  await page.context().close();
});

test('without any data each view says so', async () => {
  const { page, expectStatus } = await openPage(browser);
  expectStatus(404);
  await page.route('**/api/reports/summary/', (route) =>
    route.fulfill({ status: 404, json: { detail: 'Not found.' } }),
  );
  await page.goto(`${empty.url}/#/reports`);
  await page.getByText('No report has been written yet').waitFor();
  await page.goto(`${empty.url}/#/outcomes`);
  await page.getByText('No outcome has been recorded yet.').waitFor();
  await page.goto(`${empty.url}/#/pipeline`);
  await page.getByText('No record was refused.').waitFor();
  await page.goto(`${empty.url}/#/outcomes/99`);
  await page.getByText('No AuctionOutcome matches the given query.').waitFor();
  await page.goto(`${empty.url}/#/elsewhere`);
  await page.getByText('There is no such page').waitFor();
  await page.context().close();
});

test('an API that fails is said, and asked again', async () => {
  const { page, expectStatus } = await openPage(browser);
  expectStatus(503);
  let isDown = true;
  await page.route('**/api/**', (route) =>
    isDown
      ? route.fulfill({ status: 503, json: { detail: 'The database is not available.' } })
      : route.continue(),
  );
  await page.goto(`${full.url}/#/outcomes`);
  await page.getByText('The database is not available.').first().waitFor();
  await page.getByRole('link', { name: 'No answer' }).waitFor();
  isDown = false;
  const retry = page.getByRole('button', { name: 'Try again' });
  await retry.last().click();
  await page.locator(ROWS).first().waitFor();
  // The figures are asked for again by themselves.
  await eventually(() => retry.count()).toBe(0);
  await page.context().close();
});

test('the choice of colours is kept', async () => {
  const { page } = await visit(`${full.url}/#/pipeline`);
  await page.getByLabel('Colours').selectOption('dark');
  await page.reload();
  await page.waitForSelector('main h1');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe(
    'dark',
  );
  await page.context().close();
});
