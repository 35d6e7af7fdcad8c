// What a browser is told with the console's files, by whichever host serves them. The page runs its own
// script and style alone and asks nobody but its own origin and, where there is one, the sign-in.

const POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': "'none'",
};

/** @param signIn - the origin that exchanges codes for tokens. */
export function contentSecurityPolicy(signIn?: string): string {
  return Object.entries(POLICY)
    .map(([name, value]) =>
      name === 'connect-src' && signIn ? `${name} ${value} ${signIn}` : `${name} ${value}`,
    )
    .join('; ');
}

export const REFERRER_POLICY = 'no-referrer';
export const OPENER_POLICY = 'same-origin';
export const PERMISSIONS_POLICY = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Names with a hash of the contents never change. */
export const CACHE_FOREVER = 'public, max-age=31536000, immutable';
export const CACHE_CHECKED = 'no-cache';
