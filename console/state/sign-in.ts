// OAuth's code grant with PKCE against the service's user pool. Tokens live in memory alone; the verifier, and
// the place to come back to, wait in the tab's storage while the person signs in.
import * as oauth from 'oauth4webapi';
import type { SignInSettings } from './session.ts';

const WAITING = 'sign-in';

/** Before the token ends: a request in hand still has a good one. */
const EARLY_MS = 60_000;

export interface Person {
  readonly name: string;
  readonly authorization: () => Promise<string | undefined>;
  readonly signInAgain: () => void;
  readonly signOut: () => void;
}

interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
  readonly name: string;
  readonly endsAtMs: number;
}

/** Never resolves when the browser leaves for the sign-in page. */
export async function signedIn(settings: SignInSettings): Promise<Person> {
  const returned = new URL(location.href);
  const isReturn = returned.searchParams.has('code') || returned.searchParams.has('error');
  let tokens = isReturn ? await takeTokens(settings, returned) : await leave(settings);
  return {
    name: tokens.name,
    authorization: async () => {
      if (Date.now() > tokens.endsAtMs - EARLY_MS) tokens = await renew(settings, tokens);
      // The gateway's authoriser takes the token that says who it is: it knows no scopes.
      return tokens.idToken;
    },
    signInAgain: () => void leave(settings),
    signOut: () => {
      const url = new URL(settings.logoutUrl);
      url.searchParams.set('client_id', settings.clientId);
      url.searchParams.set('logout_uri', pageUrl());
      location.assign(url);
    },
  };
}

/** To the sign-in page. */
async function leave({ authorizeUrl, clientId }: SignInSettings): Promise<never> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  sessionStorage.setItem(WAITING, JSON.stringify({ verifier, state, hash: location.hash }));
  const url = new URL(authorizeUrl);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: pageUrl(),
    scope: 'openid email',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  location.assign(url);
  return new Promise<never>(() => undefined);
}

async function takeTokens(settings: SignInSettings, returned: URL): Promise<Tokens> {
  const waiting = JSON.parse(sessionStorage.getItem(WAITING) ?? '{}') as Record<string, string>;
  sessionStorage.removeItem(WAITING);
  const { verifier, state, hash = '' } = waiting;
  // Opened from the history: there is nothing that this code belongs to.
  if (!verifier || !state) return leave(settings);
  const [server, client] = parties(settings);
  const parameters = oauth.validateAuthResponse(server, client, returned, state);
  history.replaceState(null, '', `${pageUrl()}${hash}`);
  dispatchEvent(new PopStateEvent('popstate'));
  const response = await oauth.authorizationCodeGrantRequest(
    ...([server, client, oauth.None(), parameters, pageUrl(), verifier] as const),
  );
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
    requireIdToken: true,
  });
  return tokensOf(answer);
}

async function renew(settings: SignInSettings, { refreshToken }: Tokens): Promise<Tokens> {
  if (!refreshToken) return leave(settings);
  const [server, client] = parties(settings);
  try {
    const response = await oauth.refreshTokenGrantRequest(
      ...([server, client, oauth.None(), refreshToken] as const),
    );
    const answer = await oauth.processRefreshTokenResponse(server, client, response);
    return { ...tokensOf(answer), refreshToken };
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error;
    return leave(settings);
  }
}

function parties(settings: SignInSettings): readonly [oauth.AuthorizationServer, oauth.Client] {
  const { issuer, authorizeUrl, tokenUrl, clientId } = settings;
  return [
    { issuer, authorization_endpoint: authorizeUrl, token_endpoint: tokenUrl },
    { client_id: clientId },
  ];
}

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  const claims = oauth.getValidatedIdTokenClaims(answer);
  if (!answer.id_token || !claims) throw new Error('The sign-in gave no token.');
  const name = typeof claims.email === 'string' ? claims.email : claims.sub;
  const endsAtMs = claims.exp * 1000;
  return { idToken: answer.id_token, refreshToken: answer.refresh_token, name, endsAtMs };
}

/** The console itself, without what stands behind it: the address that the user pool knows. */
function pageUrl(): string {
  return new URL('.', location.href).href.replace(/[?#].*$/, '');
}
