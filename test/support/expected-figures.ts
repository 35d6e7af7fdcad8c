// The five SQL queries in plain loops, over the rows of a history: the oracle of the random tests. It
// shares no code with the product but the decimals.
import { Decimal } from '../../functions/orders/decimal.ts';
import type { Figures } from '../../functions/orders/reports/figures.ts';
import type { History } from './shop-history.ts';

export interface PlainFigures {
  readonly days: Record<string, string>;
  readonly statuses: Record<string, number>;
  readonly customers: string[];
  readonly products: string[];
  readonly distinct: [customers: number, products: number];
}

type Sums = Map<string, { count: number; quantity: bigint; sum: Decimal }>;

function add(sums: Sums, key: string, value: Decimal, quantity = 0n): void {
  const entry = sums.get(key) ?? { count: 0, quantity: 0n, sum: Decimal.ZERO };
  sums.set(key, {
    count: entry.count + 1,
    quantity: entry.quantity + quantity,
    sum: entry.sum.plus(value),
  });
}

export function expectedFigures({ orders, items }: History, topN: number): PlainFigures {
  const [days, customers, products]: [Sums, Sums, Sums] = [new Map(), new Map(), new Map()];
  const statuses: Record<string, number> = {};
  for (const { day, customer, amount, status } of orders.values()) {
    const value = amount ?? Decimal.ZERO;
    add(days, day ?? 'unknown', value);
    if (customer !== null) add(customers, customer.toString(), value);
    statuses[status ?? 'unknown'] = (statuses[status ?? 'unknown'] ?? 0) + 1;
  }
  for (const { product, quantity, price } of items.values()) {
    if (product === null) continue;
    const revenue = quantity === null || !price ? Decimal.ZERO : price.times(quantity);
    add(products, product.toString(), revenue, quantity ?? 0n);
  }
  const shown = [...days].map(([day, { count, sum }]) => [day, `${count} ${sum.toText()}`]);
  return {
    days: Object.fromEntries(shown),
    statuses,
    customers: ranked(customers, topN).map(
      ([id, { count, sum }]) => `${id}: ${count} ${sum.toText()}`,
    ),
    products: ranked(products, topN).map(
      ([id, { quantity, sum }]) => `${id}: ${quantity} ${sum.toText()}`,
    ),
    distinct: [customers.size, products.size],
  };
}

function ranked(sums: Sums, topN: number) {
  return [...sums]
    .sort(([a, x], [b, y]) => y.sum.compare(x.sum) || Number(BigInt(a) - BigInt(b)))
    .slice(0, topN);
}

/** The product's figures in the same form. */
export function toPlain(figures: Figures): PlainFigures {
  const statuses: Record<string, number> = {};
  for (const [status, count] of figures.days.flatMap((day) => [...day.ordersByStatus])) {
    statuses[status] = (statuses[status] ?? 0) + Number(count);
  }
  const days = figures.days.map(({ day, orders, amount }) => [day, `${orders} ${amount.toText()}`]);
  return {
    days: Object.fromEntries(days),
    statuses,
    customers: figures.customers.map(
      ({ id, orders, spent }) => `${id}: ${orders} ${spent.toText()}`,
    ),
    products: figures.products.map(
      ({ id, quantity, revenue }) => `${id}: ${quantity} ${revenue.toText()}`,
    ),
    distinct: [Number(figures.distinctCustomers), Number(figures.distinctProducts)],
  };
}
