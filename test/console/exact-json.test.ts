import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonNumber, parseJson, printJson } from '../../console/lib/exact-json.ts';

test('I96 numbers keep their text, members their order', () => {
  const text = '{"758": 12345678901234567.89, "677": 1e400, "29": [0.10, -0]}';
  const value = parseJson(text) as ReadonlyMap<string, unknown>;
  expect([...value.keys()]).toEqual(['758', '677', '29']);
  expect(value.get('758')).toEqual(new JsonNumber('12345678901234567.89'));
  expect(printJson(parseJson(text)).replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
});

test('whatever JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.parse(printJson(parseJson(text)))).toEqual(JSON.parse(text));
    }),
  );
});

test('what JSON.parse refuses is refused', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', '01', '\u0001'),
      (text, at, sign) => {
        const place = at % (text.length + 1);
        const broken = text.slice(0, place) + sign + text.slice(place + 1);
        let isRefused = false;
        try {
          JSON.parse(broken);
        } catch {
          isRefused = true;
        }
        if (isRefused) expect(() => parseJson(broken)).toThrow(SyntaxError);
        else expect(JSON.parse(printJson(parseJson(broken)))).toEqual(JSON.parse(broken));
      },
    ),
  );
});
