// Figures → the five documents, in the form their readers know: keys, nesting, rank order, exact
// decimals as JSON numbers. Pure.
import { REPORTS, type ReportName } from '../../contracts.ts';
import { Decimal } from '../decimal.ts';
import { DAY_UNKNOWN } from '../fold/sums.ts';
import type { CustomerFigures, DayFigures, Figures, ProductFigures } from './figures.ts';
import { type Entries, NumberText, writeJson } from './json-text.ts';

/** Money is shown with at least its cents; more digits only where the data has them. */
const MONEY_SCALE_MIN = 2;

const money = (value: Decimal) => new NumberText(value.toText(MONEY_SCALE_MIN));
const count = (value: bigint | number) => new NumberText(value.toString());

const BODIES: Readonly<Record<ReportName, (figures: Figures) => Entries>> = {
  daily_sales: ({ days }) => [['data', [...days].sort(byDay).map(dailySales)]],
  product_sales: ({ products }) => [['data', products.map(productSales)]],
  customer_metrics: ({ customers }) => [['data', customers.map(customerMetrics)]],
  order_status: ({ days }) => [['data', statusCounts(days)]],
  summary: (figures) => [['metrics', summary(figures)]],
};

/** `generatedAt`: UTC without a zone, `2025-01-15T10:30:00`; the same in all five. */
export function renderReports(figures: Figures, generatedAt: string): Map<ReportName, string> {
  return new Map(
    REPORTS.map(({ name, reportType }) => [
      name,
      writeJson([
        ['report_type', reportType],
        ['generated_at', generatedAt],
        ...BODIES[name](figures),
      ]),
    ]),
  );
}

function dailySales({ day, amount, orders }: DayFigures): Entries[number] {
  return [
    day,
    [
      ['total_amount', money(amount)],
      ['order_count', count(orders)],
    ],
  ];
}

function productSales({ id, quantity, revenue }: ProductFigures): Entries[number] {
  return [
    id.toString(),
    [
      ['quantity_sold', count(quantity)],
      ['total_revenue', money(revenue)],
    ],
  ];
}

function customerMetrics({ id, orders, spent }: CustomerFigures): Entries[number] {
  return [
    id.toString(),
    [
      ['order_count', count(orders)],
      ['total_spent', money(spent)],
    ],
  ];
}

function statusCounts(days: readonly DayFigures[]): Entries {
  const totals = new Map<string, bigint>();
  for (const [status, orders] of days.flatMap(({ ordersByStatus }) => [...ordersByStatus])) {
    totals.set(status, (totals.get(status) ?? 0n) + orders);
  }
  return [...totals].sort(byText).map(([status, orders]) => [status, count(orders)]);
}

function summary({ days, distinctCustomers, distinctProducts }: Figures): Entries {
  const orders = days.reduce((sum, day) => sum + day.orders, 0n);
  const revenue = days.reduce((sum, day) => sum.plus(day.amount), Decimal.ZERO);
  return [
    ['total_orders', count(orders)],
    ['total_revenue', money(revenue)],
    ['unique_customers', count(distinctCustomers)],
    ['unique_products_sold', count(distinctProducts)],
    ['order_status_breakdown', statusCounts(days)],
  ];
}

/** Oldest first; the orders without a date come last. */
function byDay(a: DayFigures, b: DayFigures): number {
  const [isLastA, isLastB] = [a.day === DAY_UNKNOWN, b.day === DAY_UNKNOWN];
  return isLastA === isLastB ? byText([a.day], [b.day]) : isLastA ? 1 : -1;
}

function byText(
  [a]: readonly [string, ...unknown[]],
  [b]: readonly [string, ...unknown[]],
): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
