import { expect, test } from 'vitest';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';

test.each([
  ['dbserver1.public.orders', 'aggregate-orders'],
  ['shop.order_items', 'aggregate-orders'],
  ['dbserver1.public.customers', 'aggregate-orders'],
  ['auction_outcomes', 'record-outcomes'],
  ['rtb.auction_outcomes', 'record-outcomes'],
  ['bids-won', 'aggregate-orders'],
])('%s goes to %s', (topic, name) => {
  expect(routeTopics(OUTCOMES_TOPIC)(topic)).toBe(name);
});

test('the outcomes may come under another name', () => {
  const routes = routeTopics('bids-won');
  expect(routes('bids-won')).toBe('record-outcomes');
  expect(routes('dbserver1.public.orders')).toBe('aggregate-orders');
});
