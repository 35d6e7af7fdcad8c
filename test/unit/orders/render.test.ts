// I7: no report with a count below zero; and the documents to the byte.
import { expect, test } from 'vitest';
import { Decimal } from '../../../functions/orders/decimal.ts';
import {
  assertNoNegativeCount,
  BrokenInvariantError,
  type Figures,
} from '../../../functions/orders/reports/figures.ts';
import { renderReports } from '../../../functions/orders/reports/render.ts';

const NOTHING: Figures = {
  days: [],
  customers: [],
  products: [],
  distinctCustomers: 0n,
  distinctProducts: 0n,
  brokenCounts: 0,
};

const FIGURES: Figures = {
  days: [
    {
      day: 'unknown',
      orders: 1n,
      amount: Decimal.ZERO,
      ordersByStatus: new Map([['unknown', 1n]]),
    },
    {
      day: '2025-01-15',
      orders: 2n,
      amount: Decimal.of('15420.5'),
      ordersByStatus: new Map([
        ['pending', 1n],
        ['completed', 1n],
      ]),
    },
    {
      day: '2025-01-14',
      orders: 1n,
      amount: Decimal.of('-0.125'),
      ordersByStatus: new Map([['say "hi"', 1n]]),
    },
  ],
  customers: [
    { id: 1001n, orders: 8n, spent: Decimal.of('5240.92') },
    { id: 7n, orders: 1n, spent: Decimal.of('12345678901234567.89') },
  ],
  products: [{ id: 123n, items: 9n, quantity: 25n, revenue: Decimal.of('32499.75') }],
  distinctCustomers: 87n,
  distinctProducts: 42n,
  brokenCounts: 0,
};

const rendered = (figures: Figures) => renderReports(figures, '2025-01-15T10:30:00');

test('daily sales: days ascending, the orders without a date last, cents always shown', () => {
  expect(rendered(FIGURES).get('daily_sales')).toBe(`{
  "report_type": "daily_sales",
  "generated_at": "2025-01-15T10:30:00",
  "data": {
    "2025-01-14": {
      "total_amount": -0.125,
      "order_count": 1
    },
    "2025-01-15": {
      "total_amount": 15420.50,
      "order_count": 2
    },
    "unknown": {
      "total_amount": 0.00,
      "order_count": 1
    }
  }
}`);
});

test('rankings keep their order in the text, whatever the ids, and every digit', () => {
  expect(rendered(FIGURES).get('customer_metrics')).toBe(`{
  "report_type": "customer_metrics",
  "generated_at": "2025-01-15T10:30:00",
  "data": {
    "1001": {
      "order_count": 8,
      "total_spent": 5240.92
    },
    "7": {
      "order_count": 1,
      "total_spent": 12345678901234567.89
    }
  }
}`);
  expect(rendered(FIGURES).get('product_sales')).toContain(
    '"data": {\n    "123": {\n      "quantity_sold": 25,\n      "total_revenue": 32499.75\n    }\n  }',
  );
});

test('the status report and the summary come from the same days', () => {
  const statuses = { completed: 1, pending: 1, 'say "hi"': 1, unknown: 1 };
  const parsed = (name: 'order_status' | 'summary') =>
    JSON.parse(rendered(FIGURES).get(name) ?? '');
  expect(parsed('order_status')).toEqual({
    report_type: 'order_status_distribution',
    generated_at: '2025-01-15T10:30:00',
    data: statuses,
  });
  expect(parsed('summary')).toEqual({
    report_type: 'summary',
    generated_at: '2025-01-15T10:30:00',
    metrics: {
      total_orders: 4,
      total_revenue: 15420.375,
      unique_customers: 87,
      unique_products_sold: 42,
      order_status_breakdown: statuses,
    },
  });
});

test('without any order all five are valid and empty', () => {
  const documents = [...rendered(NOTHING).values()].map((text) => JSON.parse(text));
  expect(documents.map(({ data, metrics }) => data ?? metrics)).toEqual([
    {},
    {},
    {},
    {},
    {
      total_orders: 0,
      total_revenue: 0,
      unique_customers: 0,
      unique_products_sold: 0,
      order_status_breakdown: {},
    },
  ]);
});

test.each<[string, Partial<Figures>]>([
  ['distinct customers', { distinctCustomers: -1n }],
  ['distinct products', { distinctProducts: -1n }],
  ['orders of customer 7', { customers: [{ id: 7n, orders: -1n, spent: Decimal.ZERO }] }],
  [
    'items of product 7',
    { products: [{ id: 7n, items: -1n, quantity: 0n, revenue: Decimal.ZERO }] },
  ],
  [
    'orders of 2025-01-15 with status paid',
    {
      days: [
        {
          day: '2025-01-15',
          orders: 1n,
          amount: Decimal.ZERO,
          ordersByStatus: new Map([['paid', -1n]]),
        },
      ],
    },
  ],
])('a count below zero stops the report: %s', (name, broken) => {
  const check = () => assertNoNegativeCount({ ...NOTHING, ...broken });
  expect(check).toThrow(BrokenInvariantError);
  expect(check).toThrow(`${name}: -1`);
});
