// A page in Debian's Chromium, and everything that it complains about: messages of the console, faults of
// scripts, violations of the policy, requests to anyone else.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export const WAIT_MS = 20_000;

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** With an empty profile of its own, as Playwright makes it. */
export function openBrowser(): Promise<Browser> {
  if (!CHROMIUM) throw new Error('There is no Chromium: npm run test:browser says what to do.');
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
  /** Answers with such a status are expected: Chromium tells of each. */
  expectStatus(status: number): void;
}

export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  const expected = new Set<number>();
  page.on('console', (message) => {
    const text = message.text();
    const status = Number(/status of (\d{3})/.exec(text)?.[1]);
    if (!expected.has(status)) complaints.push(`${message.type()}: ${text}`);
  });
  page.on('pageerror', (error) => complaints.push(`fault: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      // What a policy forbids is told to the console as well: its message is counted.
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') {
      complaints.push(`asked ${request.url()}`);
    }
  });
  return { page, complaints, expectStatus: (status) => void expected.add(status) };
}
