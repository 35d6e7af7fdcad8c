// The built bundles, asked as Lambda does.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { proxyEvent } from '../../test/support/proxy-event.ts';
import type { AskApi } from './setting.ts';

type Handler = (event: object, context: object) => Promise<{ statusCode: number; body: string }>;

export async function loadHandler(name: string): Promise<Handler> {
  const bundle = join(import.meta.dirname, '..', '..', 'dist', name, 'index.mjs');
  return (await import(pathToFileURL(bundle).href)).handler;
}

export async function loadApi(): Promise<AskApi> {
  const handler = await loadHandler('serve-api');
  return async (url) => {
    const { statusCode, body } = await handler(proxyEvent(url), {});
    return { status: statusCode, body };
  };
}

/** @throws when it is not answered: a refusal is quick, and no figure. */
export async function bodyOf(ask: AskApi, url: string): Promise<string> {
  const { status, body } = await ask(url);
  if (status !== 200) throw new Error(`${url}: ${status} ${body}`);
  return body;
}
