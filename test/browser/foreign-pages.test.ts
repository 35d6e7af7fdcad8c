// I100: no page of another origin reaches a store or the front, nor one whose name leads to this machine.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Functions } from '../../local/service/functions.ts';
import { openConsoleFiles } from '../../local/start/console-files.ts';
import { openFront } from '../../local/start/front.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { openChromium } from './chromium.ts';

const [PORT = 0] = await findFreePorts(5);
const STRANGE_HOST = 'rebound.example';
const DASHBOARD_PORT = PORT + 4;
const LATEST = 'analytics/summary/latest.json';

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium(`MAP ${STRANGE_HOST} 127.0.0.1`);
  return () => browser.close();
});

/** The API's answer; what is tested here is who gets it. */
const functions: Functions = {
  invoke: async () => {
    const headers = { 'access-control-allow-origin': `http://localhost:${DASHBOARD_PORT}` };
    return JSON.stringify({ statusCode: 200, headers, body: '{"api":true}' });
  },
  close: async () => {},
};

async function openService(): Promise<Stores> {
  const ports = { dynamodb: PORT + 1, s3: PORT + 2, postgres: PORT + 3 };
  const stores = await openStores(temporaryDirectory(), { command: 'start', env: {}, ports });
  await stores.s3.send(
    new PutObjectCommand({ Bucket: stores.bucket, Key: LATEST, Body: '{"right":true}' }),
  );
  const front = await openFront({
    ...{ port: PORT, stores, functions, reportPrefix: 'analytics' },
    consoleFiles: await openConsoleFiles(),
    corsOrigins: [`http://localhost:${DASHBOARD_PORT}`],
    onFailure: () => {},
  });
  onTestFinished(async () => {
    front.close();
    front.closeAllConnections();
    await stores.close();
  });
  return stores;
}

/** A page of a server of its own, on a port that the system or the test chooses. */
async function openPage(port = 0): Promise<Page> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title>');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  return page;
}

interface Asked {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly mode?: 'no-cors';
}

/** What the page's script gets to know: the answer's text, or that it could not read one. */
function ask(page: Page, asked: Asked): Promise<string> {
  return page.evaluate(async ({ url, ...options }) => {
    try {
      const answer = await fetch(url, options);
      return `${answer.status} ${await answer.text()}`;
    } catch (error) {
      return String(error);
    }
  }, asked);
}

function attacks({ bucket, table }: Stores, host: string): Asked[] {
  const dynamodb = (action: string, body: object) => ({
    url: `http://${host}:${PORT + 1}/`,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${action}`,
      'x-amz-date': '20260101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  const object = `http://${host}:${PORT + 2}/${bucket}/${LATEST}`;
  return [
    dynamodb('ListTables', {}),
    dynamodb('DeleteTable', { TableName: table }),
    { url: object },
    { url: object, method: 'PUT', body: '{"wrong":true}' },
    { url: object, method: 'POST', mode: 'no-cors', body: '{"wrong":true}' },
    { url: `http://${host}:${PORT + 2}/`, mode: 'no-cors' },
    { url: `http://${host}:${PORT}/${LATEST}` },
    { url: `http://${host}:${PORT}/api/outcomes/` },
    { url: `http://${host}:${PORT}/api/outcomes/`, method: 'POST', mode: 'no-cors', body: '{}' },
  ];
}

async function expectUntouched(stores: Stores): Promise<void> {
  const latest = new GetObjectCommand({ Bucket: stores.bucket, Key: LATEST });
  const { Body } = await stores.s3.send(latest);
  expect(await Body?.transformToString()).toBe('{"right":true}');
  const { TableNames } = await stores.dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).toEqual([stores.table]);
}

test('a page of another origin reads nothing and changes nothing', async () => {
  const stores = await openService();
  const page = await openPage();
  for (const host of ['127.0.0.1', 'localhost']) {
    for (const attack of attacks(stores, host)) {
      // What a page asks without CORS it cannot read: its text is empty.
      expect(await ask(page, attack)).toMatch(/^(TypeError: Failed to fetch|0 )$/);
    }
  }
  await expectUntouched(stores);
});

test('a page whose name leads to this machine is refused at every port', async () => {
  const stores = await openService();
  for (const port of [PORT, PORT + 1, PORT + 2]) {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    const answer = await page.goto(`http://${STRANGE_HOST}:${port}/`);
    expect(answer?.status()).toBe(403);
    // The page that answered has this origin now: it may read whatever that port says to it.
    for (const attack of attacks(stores, STRANGE_HOST)) {
      if (new URL(attack.url).port !== String(port)) continue;
      expect(await ask(page, attack)).toMatch(/^403 /);
    }
  }
  await expectUntouched(stores);
});

test("the front's own page asks the API, and so does a page of CORS_ORIGINS, for nothing else", async () => {
  const stores = await openService();
  const api = { url: `http://localhost:${PORT}/api/outcomes/` };
  const own = await browser.newPage();
  onTestFinished(() => own.close());
  await own.goto(`http://localhost:${PORT}/`);
  expect(await own.title()).toContain('nalytics');
  expect(await ask(own, api)).toBe('200 {"api":true}');
  expect(await ask(own, { ...api, method: 'POST', body: '{}' })).toBe('200 {"api":true}');

  const dashboard = await openPage(DASHBOARD_PORT);
  expect(await ask(dashboard, api)).toBe('200 {"api":true}');
  // Asked before it is sent, as this type is none of a form's.
  const headers = { 'content-type': 'application/json' };
  expect(await ask(dashboard, { ...api, headers })).toBe('200 {"api":true}');
  expect(await ask(dashboard, { url: `http://localhost:${PORT}/${LATEST}` })).toMatch(/^TypeError/);
  await expectUntouched(stores);
});
