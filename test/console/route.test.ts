import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FILTERS, ORDERINGS } from '../../console/lib/filters.ts';
import {
  ALL_OUTCOMES,
  COMPARISONS,
  formatRoute,
  HOME,
  PAGE_SIZES,
  PERIODS,
  parseRoute,
  RANKINGS,
  type Route,
} from '../../console/lib/route.ts';

const word = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => text.trim() === text && text !== '');
const filters = fc.dictionary(fc.constantFrom(...FILTERS), word, { noNullPrototype: true });
const outcomes = fc.record(
  {
    view: fc.constant('outcomes' as const),
    filters,
    ordering: fc.constantFrom(...ORDERINGS),
    size: fc.constantFrom(...PAGE_SIZES),
    cursor: fc.oneof(fc.constant(''), word),
    money: word,
  },
  { requiredKeys: ['view', 'filters', 'ordering', 'size', 'cursor'], noNullPrototype: true },
);
const reports = fc.record(
  {
    view: fc.constant('reports' as const),
    at: fc.constantFrom('2026-11-26T21:00:00', '20261126_210000'),
    against: fc.constantFrom(...COMPARISONS),
    period: fc.constantFrom(...PERIODS),
    whole: fc.constantFrom([], [...RANKINGS], [RANKINGS[1]]),
    runs: fc.constantFrom({}, { before: '2026-11-26' }, { before: '2026-11-26', cursor: 'b2x=' }),
  },
  { requiredKeys: ['view', 'against', 'period', 'whole'], noNullPrototype: true },
);
const others = fc.oneof(
  fc.record({ view: fc.constant('outcome' as const), id: fc.constant('12'), from: outcomes }),
  fc.record({ view: fc.constant('pipeline' as const), topic: word, cursor: word }),
  fc.record({
    view: fc.constant('quarantined' as const),
    topic: fc.constantFrom('a.b', 'ü/x', '100%'),
    partition: fc.constant('0'),
    offset: fc.constant('9007199254740993'),
  }),
);

test('I97 every state has an address, and the address gives it back', () => {
  const routes: fc.Arbitrary<Route> = fc.oneof(outcomes, reports, others);
  fc.assert(
    fc.property(routes, (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    }),
  );
});

test.each([
  ['', HOME],
  ['#/', HOME],
  ['#/reports?against=5&period=x&at=<script>', HOME],
  ['#/outcomes?ordering=bid_price&nonsense=1&user_id=', ALL_OUTCOMES],
  ['#/outcomes/x', { view: 'unknown' }],
  ['#/pipeline/quarantine/a/b/c', { view: 'unknown' }],
  ['#/%', { view: 'unknown' }],
] as const)('%s', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test('an address can be read', () => {
  const filters = { timestamp_after: '2026-11-26T10:00', site_domain: 'a/b' };
  const hash = formatRoute({ ...ALL_OUTCOMES, filters });
  expect(hash).toBe('#/outcomes?site_domain=a/b&timestamp_after=2026-11-26T10:00');
});
