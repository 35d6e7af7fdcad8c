// The figures that the five reports show, and the check that they can be true. Pure.
import type { Decimal } from '../decimal.ts';

export interface DayFigures {
  readonly day: string;
  readonly orders: bigint;
  readonly amount: Decimal;
  readonly ordersByStatus: ReadonlyMap<string, bigint>;
}

export interface CustomerFigures {
  readonly id: bigint;
  readonly orders: bigint;
  readonly spent: Decimal;
}

export interface ProductFigures {
  readonly id: bigint;
  readonly items: bigint;
  readonly quantity: bigint;
  readonly revenue: Decimal;
}

export interface Figures {
  /** One entry a day, in no order. */
  readonly days: readonly DayFigures[];
  /** In rank order. */
  readonly customers: readonly CustomerFigures[];
  /** In rank order. */
  readonly products: readonly ProductFigures[];
  readonly distinctCustomers: bigint;
  readonly distinctProducts: bigint;
  /** Customers and products with a count below zero, and statuses of days. */
  readonly brokenCounts: number;
}

/** A figure that no sequence of events can make: the aggregates are damaged and must not be reported. */
export class BrokenInvariantError extends Error {
  override readonly name = 'BrokenInvariantError';
}

/** @throws {BrokenInvariantError} naming every count below zero. */
export function assertNoNegativeCount(figures: Figures): void {
  const counts: [string, bigint][] = [
    ['distinct customers', figures.distinctCustomers],
    ['distinct products', figures.distinctProducts],
    ...figures.days.flatMap(({ day, orders, ordersByStatus }): [string, bigint][] => [
      [`orders of ${day}`, orders],
      ...[...ordersByStatus].map(([status, count]): [string, bigint] => [
        `orders of ${day} with status ${status}`,
        count,
      ]),
    ]),
    ...figures.customers.map(({ id, orders }): [string, bigint] => [
      `orders of customer ${id}`,
      orders,
    ]),
    ...figures.products.map(({ id, items }): [string, bigint] => [`items of product ${id}`, items]),
  ];
  const { brokenCounts } = figures;
  const negative = counts.filter(([, count]) => count < 0n);
  if (negative.length === 0 && brokenCounts !== 0) {
    throw new BrokenInvariantError(
      `A count is below zero (I7): ${brokenCounts} of customers, products or statuses; npm run audit names them`,
    );
  }
  if (negative.length > 0) {
    const shown = negative.slice(0, 10).map(([name, count]) => `${name}: ${count}`);
    throw new BrokenInvariantError(`A count is below zero (I7): ${shown.join('; ')}`);
  }
}
