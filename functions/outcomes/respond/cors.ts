// Which pages of other origins may read an answer. API Gateway answers the browser's question before a
// request; the answer itself must carry the header too. Pure.

/** `https://a.example, https://b.example`; none when not set. */
export function readOrigins(setting: string | undefined): ReadonlySet<string> {
  const origins = (setting ?? '').split(',').map((origin) => origin.trim());
  return new Set(origins.filter((origin) => origin !== ''));
}

/** @param origin - of the page that asks, as its browser says it. */
export function corsHeaders(
  origin: string | undefined,
  allowed: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (allowed.size === 0) return {};
  // What one page may read must not be kept for another.
  const vary = { vary: 'Accept, Origin' };
  if (origin === undefined || !allowed.has(origin)) return vary;
  return {
    ...vary,
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'ETag, Link, Retry-After, Warning',
  };
}
