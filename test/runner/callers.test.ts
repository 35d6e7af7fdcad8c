// I100: who may ask at a port of this machine.
import { expect, test } from 'vitest';
import { type Door, NO_PAGES, ownOrigins, refusalOf } from '../../local/http/callers.ts';

const PORT = 8000;
const FRONT: Door = {
  origins: new Set([...ownOrigins(PORT), 'https://dashboard.example']),
  isVisited: true,
};
const HERE = { host: 'localhost:8000' };

function refusal(headers: Record<string, string>, door = FRONT, method = 'GET', port = PORT) {
  return refusalOf({ method, headers, port }, door);
}

test.each(['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LocalHost:8000'])(
  'the host %s is this machine',
  (host) => {
    expect(refusal({ host })).toBeUndefined();
    expect(refusal({ host }, NO_PAGES)).toBeUndefined();
  },
);

test.each([
  'evil.example:8000',
  'localhost',
  'localhost:8001',
  'localhost.evil.example:8000',
  '127.0.0.1.evil.example:8000',
  'evil.example:8000@localhost:8000',
  '',
])('the host "%s" is refused', (host) => {
  expect(refusal({ host })).toMatch(/^the host .* is not this machine/);
});

test('port 80 need not be said', () => {
  expect(refusal({ host: 'localhost' }, FRONT, 'GET', 80)).toBeUndefined();
});

test('pages of the front and of CORS_ORIGINS may ask the front, others not, and none a store', () => {
  const own = 'http://127.0.0.1:8000';
  for (const origin of [own, 'http://localhost:8000', 'https://dashboard.example']) {
    expect(refusal({ ...HERE, origin }, FRONT, 'POST')).toBeUndefined();
    expect(refusal({ ...HERE, origin }, NO_PAGES)).toMatch(/may not ask here/);
  }
  for (const origin of ['null', 'http://localhost:3000', 'https://localhost:8000', '']) {
    expect(refusal({ ...HERE, origin })).toMatch(/may not ask here/);
  }
});

test('what a browser sends without an origin is judged by how far away it comes from', () => {
  const from = (site: string, dest: string) => ({
    ...HERE,
    'sec-fetch-site': site,
    'sec-fetch-dest': dest,
  });
  expect(refusal(from('none', 'document'))).toBeUndefined();
  expect(refusal(from('none', 'document'), NO_PAGES)).toBeUndefined();
  expect(refusal(from('same-origin', 'empty'))).toBeUndefined();
  expect(refusal(from('cross-site', 'document'))).toBeUndefined();
  for (const site of ['cross-site', 'same-site']) {
    for (const dest of ['image', 'script', 'iframe', 'empty']) {
      expect(refusal(from(site, dest))).toMatch(/may not ask here/);
    }
    expect(refusal(from(site, 'document'), NO_PAGES)).toMatch(/may not ask here/);
    expect(refusal(from(site, 'document'), FRONT, 'POST')).toMatch(/may not ask here/);
  }
});
