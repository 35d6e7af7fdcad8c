// npm run bench:console: what a person waits for in the console, in Debian's Chromium over `npm start` with 400 days of a shop: the first heading,
// the figures, and how long the page is deaf while it draws or scrolls the most that it shows at once. Medians.
import type { Browser, Page } from 'playwright-core';
import { type Figure, figureOf, lineOf, median } from '../../bench/measure.ts';
import { CHROMIUM, openBrowser, openPage } from './browser.ts';
import { shopLines } from './seed.ts';
import { openService } from './service.ts';

const PORT = 31_900;
const DAYS = 400;
const ROUNDS = 7;
const SCROLLS = 40;
/** Half a second, as the console promises. */
const USABLE_MS = 500;
/** What a person takes for at once (Interaction to Next Paint calls it good). */
const AT_ONCE_MS = 200;
/** A task that is longer is a long task to browsers. */
const SMOOTH_MS = 50;

interface Seen {
  headingMs: number;
  plotMs: number;
  longestTaskMs: number;
}

declare global {
  interface Window {
    seen: Seen;
  }
}

async function* measureConsole(): AsyncGenerator<Figure> {
  const env = { FLUSH_INTERVAL: '3600' };
  const lines = shopLines(Date.now(), DAYS);
  const service = await openService({ port: PORT, lines, env, readyPath: '/api/reports/summary/' });
  const browser = await openBrowser();
  try {
    const first = await visits(browser, `${service.url}/`, '.plot');
    yield absolute(
      'console: heading of the first page',
      first.map((one) => one.headingMs),
      USABLE_MS,
    );
    yield absolute(
      'console: its figures and plots',
      first.map((one) => one.plotMs),
      USABLE_MS,
    );
    const plots = await visits(browser, `${service.url}/#/reports?period=all`, '.plot');
    yield absolute(
      `console: longest task, plots of ${DAYS} days`,
      plots.map((one) => one.longestTaskMs),
      AT_ONCE_MS,
    );
    const rows = `${service.url}/#/outcomes?rows=1000`;
    const table = await visits(browser, rows, '.rows tbody tr:nth-child(1000)');
    yield absolute(
      'console: longest task, a table of 1,000 rows',
      table.map((one) => one.longestTaskMs),
      AT_ONCE_MS,
    );
    yield absolute(
      'console: longest frame while they scroll',
      await scrolls(browser, rows),
      SMOOTH_MS,
    );
  } finally {
    await browser.close();
    await service.close();
  }
}

function absolute(name: string, times: readonly number[], limit: number): Figure {
  return figureOf({ name, unit: 'ms', ours: median(times), beside: '', limit });
}

/** Each with an empty cache. */
async function visits(browser: Browser, url: string, last: string): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await watchedPage(browser);
    await page.goto(url);
    await page.locator(last).first().waitFor();
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    all.push(await page.evaluate(() => window.seen));
    await page.context().close();
  }
  return all;
}

async function watchedPage(browser: Browser): Promise<Page> {
  const { page } = await openPage(browser);
  await page.addInitScript(() => {
    window.seen = { headingMs: 0, plotMs: 0, longestTaskMs: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        window.seen.longestTaskMs = Math.max(window.seen.longestTaskMs, duration);
      }
    }).observe({ type: 'longtask', buffered: true });
    new MutationObserver(() => {
      if (document.querySelector('main h1')) window.seen.headingMs ||= performance.now();
      if (document.querySelector('main .plot')) window.seen.plotMs ||= performance.now();
    }).observe(document, { childList: true, subtree: true });
  });
  return page;
}

/** The longest frame of each round, from the top of the page to its end. */
async function scrolls(browser: Browser, url: string): Promise<number[]> {
  const { page } = await openPage(browser);
  await page.goto(url);
  await page.locator('.rows tbody tr:nth-child(1000)').waitFor();
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    all.push(await page.evaluate(scrollDown, SCROLLS));
  await page.context().close();
  return all;
}

async function scrollDown(steps: number): Promise<number> {
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
  const height = document.documentElement.scrollHeight;
  let longest = 0;
  window.scrollTo(0, 0);
  let before = await frame();
  for (let step = 1; step <= steps; step += 1) {
    window.scrollTo(0, (height * step) / steps);
    const now = await frame();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}

if (!CHROMIUM) throw new Error('There is no Chromium: npm run test:browser says what to do.');
for await (const figure of measureConsole()) process.stdout.write(`${lineOf(figure)}\n`);
