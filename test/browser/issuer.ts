// A sign-in as Cognito's, between the page and the network: it checks what a code grant with PKCE must send.
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { contentSecurityPolicy } from '../../console/headers.ts';

const ORIGIN = 'https://sign-in.example';
export const ID_TOKEN_NAME = 'analyst@example.com';

const SETTINGS = {
  issuer: `${ORIGIN}/pool`,
  clientId: 'console',
  authorizeUrl: `${ORIGIN}/oauth2/authorize`,
  tokenUrl: `${ORIGIN}/oauth2/token`,
  logoutUrl: `${ORIGIN}/logout`,
};

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function idToken(): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: SETTINGS.issuer, aud: 'console', sub: '1', iat, exp: iat + 3600 };
  return [encode({ alg: 'RS256' }), encode({ ...claims, email: ID_TOKEN_NAME }), 'c2ln'].join('.');
}

export interface Issuer {
  /** What went wrong with the requests to it. */
  readonly faults: string[];
  readonly signedOut: () => boolean;
}

export async function signInBy(page: Page, url: string): Promise<Issuer> {
  const faults: string[] = [];
  let challenge = '';
  let isSignedOut = false;
  await page.route(`${url}/settings.json`, (route) =>
    route.fulfill({ json: { signIn: SETTINGS } }),
  );
  await page.route(
    (asked) => asked.origin === url && asked.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const headers = {
        ...response.headers(),
        'content-security-policy': contentSecurityPolicy(ORIGIN),
      };
      await route.fulfill({ response, headers });
    },
  );
  await page.route(`${SETTINGS.authorizeUrl}?*`, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    challenge = asked.get('code_challenge') ?? '';
    if (asked.get('code_challenge_method') !== 'S256') faults.push('not S256');
    if (asked.get('redirect_uri') !== `${url}/`)
      faults.push(`returns to ${asked.get('redirect_uri')}`);
    const location = `${url}/?code=one-time&state=${asked.get('state')}`;
    // A page that leads back: what a redirect leads to is not handed to the routes of a test.
    const body = `<meta http-equiv="refresh" content="0;url=${location}">`;
    return route.fulfill({ contentType: 'text/html', body });
  });
  await page.route(SETTINGS.tokenUrl, (route) => {
    const sent = new URLSearchParams(route.request().postData() ?? '');
    const proof = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    if (proof !== challenge) faults.push('the verifier is not that of the challenge');
    if (sent.get('code') !== 'one-time') faults.push('another code');
    const tokens = {
      token_type: 'Bearer',
      access_token: 'a',
      expires_in: 3600,
      id_token: idToken(),
    };
    return route.fulfill({ json: tokens, headers: { 'access-control-allow-origin': url } });
  });
  await page.route(`${SETTINGS.logoutUrl}?*`, (route) => {
    isSignedOut = true;
    return route.fulfill({ body: 'signed out' });
  });
  return { faults, signedOut: () => isSignedOut };
}
