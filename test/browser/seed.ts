// What the pages under test show: records as a capture file, made so that each trap of the console is in
// them. Ranks whose ids sort otherwise, amounts beyond a double, hostile text, a day without orders, a record
// that is refused.

import { SAMPLE_TOPICS } from '../../local/sample/debezium-event.ts';
import { random, randomBelow } from '../../local/sample/random.ts';

const DAY_MS = 86_400_000;
const OUTCOMES_TOPIC = 'auction_outcomes';

export const WIDEST = '12345678901234567.89';
export const HOSTILE = '<img src=x onerror="document.title=1">';
/** An order counts up to 15 digits before the point: together they are more than a double holds. */
const LARGE = { amount: '999999999999999.99', count: 13 };
export const WIDEST_DAY = '12,999,999,999,999,999.87';
/** By revenue; integer-like names of members would come back in another order. */
export const BEST_PRODUCTS = ['758', '677', '29'] as const;
export const BEST_CUSTOMER = '9007199254740993';

/** Noon of the day so many days before. */
export function noon(nowMs: number, daysAgo: number): Date {
  return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS - daysAgo * DAY_MS + DAY_MS / 2);
}

function startOfToday(nowMs: number): Date {
  return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS);
}

class Lines {
  readonly #offsets = new Map<string, number>();
  readonly #lines: string[] = [];

  add(topic: string, key: string, atMs: number, value: string): void {
    const offset = this.#offsets.get(topic) ?? 0;
    this.#offsets.set(topic, offset + 1);
    const record = { topic, partition: 0, offset, timestamp: atMs, key, value, headers: [] };
    this.#lines.push(JSON.stringify(record));
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly amount: string;
  readonly status: string;
  readonly at: Date;
}

function addOrder(lines: Lines, { id, customer, amount, status, at }: Order): void {
  const after = {
    id,
    customer_id: JSON.rawJSON(customer),
    total_amount: amount,
    status,
    created_at: at.getTime() * 1000,
    updated_at: at.getTime() * 1000,
  };
  addRow(lines, SAMPLE_TOPICS.orders, id, at, after);
}

function addItem(lines: Lines, id: number, product: string, price: string, at: Date): void {
  const created_at = at.getTime() * 1000;
  const after = { id, order_id: 1, product_id: Number(product), quantity: 1, price, created_at };
  addRow(lines, SAMPLE_TOPICS.order_items, id, at, after);
}

function addRow(lines: Lines, topic: string, id: number, at: Date, after: object): void {
  const source = { snapshot: 'false', lsn: id, ts_ms: at.getTime() };
  const value = JSON.stringify({ before: null, after, source, op: 'c', ts_ms: at.getTime() });
  lines.add(topic, JSON.stringify({ id }), at.getTime(), value);
}

/** Yesterday orders of the widest amount; none the day before; 400 days in all. */
export function trapLines(nowMs: number): string {
  const lines = new Lines();
  const order = { customer: '7', status: 'completed' };
  const { amount, count } = LARGE;
  for (let id = 100; id < 100 + count; id += 1) {
    addOrder(lines, { ...order, id, customer: BEST_CUSTOMER, amount, at: noon(nowMs, 1) });
  }
  addOrder(lines, { ...order, id: 2, amount: '10.10', at: noon(nowMs, 3), status: HOSTILE });
  addOrder(lines, { ...order, id: 3, customer: '12', amount: '0.05', at: noon(nowMs, 399) });
  BEST_PRODUCTS.forEach((product, rank) => {
    addItem(lines, rank + 1, product, ['300.00', '200.50', '0.01'][rank] ?? '0', noon(nowMs, 1));
  });
  for (let product = 1; product <= 12; product += 1) {
    addItem(lines, 10 + product, String(1000 + product), '0.001', noon(nowMs, 1));
  }
  for (let index = 0; index < 130; index += 1) addTrapOutcome(lines, nowMs, index);
  const refused = JSON.stringify({ bid_request_id: 'refused-1', win_price: 'much', raw: HOSTILE });
  lines.add(OUTCOMES_TOPIC, 'refused-1', nowMs, refused);
  return lines.text();
}

function addTrapOutcome(lines: Lines, nowMs: number, index: number): void {
  const at = new Date(noon(nowMs, index % 40).getTime() + index * 1000);
  const isWidest = index === 1;
  const bid = `bid-${String(index).padStart(4, '0')}`;
  const outcome = {
    bid_request_id: bid,
    user_id: `user-${index % 7}`,
    site_domain: isWidest ? HOSTILE : `site-${index % 3}.example`,
    win_status: index % 2 === 1,
    win_price: isWidest ? WIDEST : index % 2 === 1 ? '0.500000001' : '0',
    bid_price: isWidest ? WIDEST : '1.25',
    currency: index % 5 === 0 ? 'JPY' : 'USD',
    enriched: index % 3 === 0,
    user_interests: ['travel', HOSTILE],
    timestamp: at.toISOString(),
    auction_timestamp: at.toISOString(),
    exact: JSON.rawJSON(WIDEST),
  };
  lines.add(OUTCOMES_TOPIC, bid, at.getTime(), JSON.stringify(outcome));
}

const SITES = ['news', 'sports', 'recipes', 'travel', 'games'] as const;
const STATUSES = [
  'completed',
  'completed',
  'completed',
  'processing',
  'pending',
  'cancelled',
] as const;

/** A shop and its auctions over some months. */
export function shopLines(nowMs: number, days = 120): string {
  const lines = new Lines();
  const state = { random: 7 };
  let id = 0;
  for (let daysAgo = days; daysAgo >= 0; daysAgo -= 1) {
    const at = daysAgo === 0 ? startOfToday(nowMs) : noon(nowMs, daysAgo);
    const isWeekend = [0, 6].includes(at.getUTCDay());
    const orders =
      daysAgo === 47 ? 0 : 6 + randomBelow(state, isWeekend ? 10 : 5) + (days - daysAgo) / 20;
    for (let index = 0; index < orders; index += 1) {
      id += 1;
      const cents = 2_900 + Math.floor(random(state) ** 2 * 190_000);
      const amount = (cents / 100).toFixed(2);
      const customer = String(1000 + Math.floor(random(state) ** 1.6 * 90));
      const status = daysAgo > 4 ? pickOne(STATUSES.slice(0, 3), state) : pickOne(STATUSES, state);
      addOrder(lines, { id, customer, amount, status, at });
      addItem(lines, id, String(1 + Math.floor(random(state) ** 1.8 * 60)), amount, at);
    }
    const auctions = 28 + randomBelow(state, 14);
    for (let index = 0; index < auctions; index += 1)
      addAuction(lines, state, at, `${daysAgo}-${index}`);
  }
  const refused = {
    bid_request_id: 'bid-7a31',
    user_id: 'user-118',
    win_price: 'n/a',
    currency: 'USD',
  };
  lines.add(OUTCOMES_TOPIC, 'bid-7a31', nowMs, JSON.stringify(refused));
  return lines.text();
}

function addAuction(lines: Lines, state: { random: number }, day: Date, name: string): void {
  const at = new Date(day.getTime() + randomBelow(state, 600) * 1000);
  const bid = 0.2 + random(state) * 1.6;
  const hasWon = random(state) < 0.62;
  const outcome = {
    bid_request_id: `bid-${name}`,
    user_id: `user-${100 + randomBelow(state, 60)}`,
    site_domain: `${pickOne(SITES, state)}.example.com`,
    win_status: hasWon,
    win_price: (hasWon ? bid * (0.6 + 0.4 * random(state)) : 0).toFixed(4),
    bid_price: bid.toFixed(4),
    currency: random(state) < 0.8 ? 'USD' : 'EUR',
    enriched: random(state) < 0.85,
    user_interests: ['travel'],
    timestamp: at.toISOString(),
    auction_timestamp: at.toISOString(),
  };
  lines.add(OUTCOMES_TOPIC, outcome.bid_request_id, at.getTime(), JSON.stringify(outcome));
}

function pickOne<T>(choices: readonly T[], state: { random: number }): T {
  return choices[randomBelow(state, choices.length)] as T;
}
