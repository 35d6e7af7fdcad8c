// The console's files as the runner serves them: a closed table of names, made by the build. What is not in
// it does not exist, so no path leads elsewhere.
import {
  CACHE_CHECKED,
  CACHE_FOREVER,
  contentSecurityPolicy,
  OPENER_POLICY,
  PERMISSIONS_POLICY,
  REFERRER_POLICY,
} from '../../console/headers.ts';
import { buildConsole } from '../../scripts/console-bundle.ts';

export interface ServedFile {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly contents: Uint8Array;
}

/** By path. */
export type ConsoleFiles = ReadonlyMap<string, ServedFile>;

/** Nobody signs in here: the service listens on this machine alone. */
const SETTINGS = Buffer.from(JSON.stringify({ signIn: null }));

export async function openConsoleFiles(): Promise<ConsoleFiles> {
  const { files } = await buildConsole();
  const table = new Map(
    files.map(({ name, mediaType, contents, isImmutable }) => [
      name === 'index.html' ? '/' : `/${name}`,
      toServed(mediaType, contents, isImmutable ? CACHE_FOREVER : CACHE_CHECKED),
    ]),
  );
  return table.set('/settings.json', toServed('application/json', SETTINGS, CACHE_CHECKED));
}

function toServed(mediaType: string, contents: Uint8Array, cacheControl: string): ServedFile {
  return {
    contents,
    headers: {
      'content-type': mediaType,
      'content-length': contents.length,
      'cache-control': cacheControl,
      'content-security-policy': contentSecurityPolicy(),
      'cross-origin-opener-policy': OPENER_POLICY,
      'permissions-policy': PERMISSIONS_POLICY,
      'referrer-policy': REFERRER_POLICY,
      'x-content-type-options': 'nosniff',
    },
  };
}
