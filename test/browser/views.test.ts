// Each view over the running product: what it shows to the digit, for whom, and that no browser complains.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAccessibility } from './accessibility.ts';
import { openBrowser, openPage, type Watched } from './browser.ts';
import { eventually } from './eventually.ts';
import { ID_TOKEN_NAME, signInBy } from './issuer.ts';
import { BEST_CUSTOMER, BEST_PRODUCTS, HOSTILE, noon, trapLines, WIDEST_DAY } from './seed.ts';
import { openService, type Service } from './service.ts';

const UNDECIDED_MAX = 12;
const WIDEST_SHOWN = '12,345,678,901,234,567.89';

let service: Service;
let browser: Browser;

beforeAll(async () => {
  const env = { FLUSH_INTERVAL: '3600', ALLOW_DELETE: 'true' };
  const readyPath = '/api/pipeline/';
  [service, browser] = await Promise.all([
    openService({ port: 31_400, lines: trapLines(Date.now()), env, readyPath }),
    openBrowser(),
  ]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await service?.close();
});

async function visit(hash: string, options = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  await watched.page.goto(`${service.url}/${hash}`);
  await watched.page.waitForSelector('main h1');
  await settled(watched);
  return watched;
}

async function settled({ page }: Watched): Promise<void> {
  await page.waitForFunction(() => !/Loading |counting|Looking for/.test(document.body.innerText));
}

const VIEWS = {
  reports: { hash: '#/reports?period=all&runs=all', has: 'Best customers' },
  outcomes: { hash: '#/outcomes?ordering=-win_price', has: 'By day' },
  outcome: { hash: '#/outcomes/1', has: 'Raw message' },
  pipeline: { hash: '#/pipeline', has: 'Why records were refused' },
  refused: { hash: '#/pipeline/quarantine/auction_outcomes/0/130', has: 'Send it again' },
} as const;

const SIZES = [
  { name: 'a desk', viewport: { width: 1280, height: 900 } },
  { name: 'a phone', viewport: { width: 360, height: 780 } },
];

describe.each(Object.entries(VIEWS))('I95 %s', (_, { hash, has }) => {
  test.each(SIZES)(
    'on $name: no violation, no complaint, no sideways scroll',
    async ({ viewport }) => {
      const { page, complaints } = await visit(hash, { viewport });
      await page.getByText(has).first().waitFor();
      const [scroll, shown] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      expect(scroll).toBeLessThanOrEqual(shown ?? 0);
      const verdict = await checkAccessibility(page);
      expect(verdict.violations).toEqual([]);
      expect(verdict.undecided.length, verdict.undecided.join('\n')).toBeLessThan(UNDECIDED_MAX);
      expect(verdict.passed).toBeGreaterThan(60);
      // Of the rules contrast alone depends on the scheme.
      await page.emulateMedia({ colorScheme: 'dark' });
      const dark = await checkAccessibility(page, ['color-contrast']);
      expect(dark.violations).toEqual([]);
      expect(dark.undecided.length, dark.undecided.join('\n')).toBeLessThan(UNDECIDED_MAX);
      expect(dark.passed).toBeGreaterThan(20);
      expect(await page.title()).not.toBe('1');
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );
});

test.each(['America/Los_Angeles', 'Asia/Tokyo'])(
  'I96 no digit is lost, ranks stay, days are those of UTC: a reader in %s',
  async (timezoneId) => {
    const { page } = await visit('#/reports?whole=products', { timezoneId });
    const card = page.locator('.figure-card', { hasText: 'Revenue yesterday' });
    await eventually(() => card.locator('.figure').innerText()).toBe(WIDEST_DAY);
    const yesterday = noon(Date.now(), 1).getUTCDate();
    expect(await card.innerText()).toMatch(new RegExp(`, ${yesterday} \\w+ \\d{4}, 13 orders`));
    const products = page.getByRole('table', { name: 'Best products by revenue' });
    const ranked = await products.locator('tbody th').allInnerTexts();
    expect(ranked.slice(0, 4)).toEqual([...BEST_PRODUCTS, '1001']);
    const customers = page.getByRole('table', { name: 'Best customers by total spent' });
    expect(await customers.locator('tbody tr').first().innerText()).toContain(BEST_CUSTOMER);
    await page.goto(`${service.url}/#/outcomes?bid_id=bid-0001`);
    await page.locator('tbody', { hasText: 'Won' }).waitFor();
    await eventually(() => page.locator('.rows tbody tr').count()).toBe(1);
    const row = await page.locator('.rows tbody tr').innerText();
    expect(row).toContain(WIDEST_SHOWN);
    expect(row).toContain(`${yesterday} `);
    await page.locator('.rows tbody a').click();
    await page.getByText('"exact": 12345678901234567.89').waitFor();
    expect(await page.locator('.fields').innerText()).toContain(HOSTILE);
    await page.context().close();
  },
);

test('each question of a newcomer is answered on the page it is looked for', async () => {
  const { page, complaints } = await visit('#/');
  await page.getByText('Revenue yesterday').waitFor();
  await page.getByText(`best: ${BEST_CUSTOMER}`).waitFor();
  await page.getByRole('link', { name: '1 problem' }).click();
  await page.getByText('What is wrong now').waitFor();
  await page.getByText('Records behind').waitFor();
  await page.getByText('npm run quarantine -- redrive auction_outcomes/0/130').first().waitFor();
  expect(await page.locator('.reasons tbody').innerText()).toContain('win_price');
  expect(await page.locator('.raw pre').innerText()).toContain('"win_price":"much"');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a day without orders stands as one', async () => {
  const { page } = await visit('#/reports');
  await page.getByRole('slider', { name: /^Revenue by day/ }).focus();
  await page.keyboard.press('ArrowLeft');
  const readout = page.locator('.plot', { hasText: 'Revenue' }).first().locator('.readout');
  expect(await readout.innerText()).toContain(WIDEST_DAY);
  await page.keyboard.press('ArrowLeft');
  expect(await readout.innerText()).toContain('no orders');
  await page.locator('.plot summary').first().click();
  await page.locator('.plot table').first().waitFor();
  const cells = await page.locator('.plot table').first().locator('tr').allInnerTexts();
  expect(cells.join('\n')).toContain(WIDEST_DAY);
  await page.context().close();
});

test('who must sign in comes back to the same place, and each request says who asks', async () => {
  const { page } = await openPage(browser);
  const issuer = await signInBy(page, service.url);
  const tokens = new Set<string | undefined>();
  page.on('request', (request) => {
    if (request.url().includes('/api/')) tokens.add(request.headers().authorization);
  });
  await page.goto(`${service.url}/#/outcomes?bid_id=bid-0007`);
  await page.getByText(ID_TOKEN_NAME).waitFor();
  await page.getByText('of 1 that match').waitFor();
  expect(page.url()).toBe(`${service.url}/#/outcomes?bid_id=bid-0007`);
  expect(issuer.faults).toEqual([]);
  expect([...tokens].map((token) => token?.split('.').length)).toEqual([3]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await eventually(issuer.signedOut).toBe(true);
  await page.context().close();
});
