// npm run pictures: the pictures of the documentation, taken anew from the running product.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, openPage } from './browser.ts';
import { shopLines } from './seed.ts';
import { openService } from './service.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'console');

const PICTURES = [
  { name: 'pipeline', hash: '#/pipeline', height: 1000 },
  { name: 'reports', hash: '#/reports?against=run', height: 860 },
  { name: 'outcomes', hash: '#/outcomes', height: 1000 },
  { name: 'outcome', hash: '#/outcomes/40', height: 560 },
  { name: 'reports-dark', hash: '#/reports?against=run', height: 780, colorScheme: 'dark' },
  { name: 'phone', hash: '#/reports?against=run', height: 780, width: 360 },
] as const;

mkdirSync(FOLDER, { recursive: true });
const service = await openService({
  port: 31_600,
  lines: shopLines(Date.now()),
  hasSample: true,
  env: { FLUSH_INTERVAL: '12' },
  readyPath: '/api/pipeline/',
});
const browser = await openBrowser();
try {
  for (const picture of PICTURES) {
    const { name, hash, height } = picture;
    const width = 'width' in picture ? picture.width : 1200;
    const colorScheme = 'colorScheme' in picture ? picture.colorScheme : 'light';
    const { page } = await openPage(browser, { viewport: { width, height }, colorScheme });
    await page.goto(`${service.url}/${hash}`);
    await page.waitForSelector('main h1');
    // Rates are measured between two readings.
    await page.waitForTimeout(name === 'pipeline' ? 12_000 : 2_000);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    await page.context().close();
  }
} finally {
  await browser.close();
  await service.close();
}
