// What a browser may do with an answer. Nothing of this API is to be sniffed, framed or run; what Django sends by
// default is sent as well. Pure.
import type { Answer } from './answer.ts';

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
};
const CONTENT_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const A_YEAR = 31_536_000;

/** @param headers of the answer: a page that needs more than nothing says so in its own policy. */
export function securityHeaders(headers: Answer['headers'], origin: string): Answer['headers'] {
  return {
    ...EVERYWHERE,
    'content-security-policy': headers['content-security-policy'] ?? CONTENT_POLICY,
    // Over plain HTTP a browser ignores it, as it must.
    ...(origin.startsWith('https:') && { 'strict-transport-security': `max-age=${A_YEAR}` }),
  };
}

/** For a page in itself: this style, whose hash is given, and the icon that it carries. */
export function pagePolicy(styleHash: string): string {
  return `${CONTENT_POLICY}; style-src '${styleHash}'; img-src data:`;
}
