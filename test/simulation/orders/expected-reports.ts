// The five reports as SQL on the source would give them, in plain loops over its rows, down to the text.
// Shares nothing with the product: not its decimals, not its writer.
import type { ItemRow, OrderRow, Row } from './source.ts';

interface Group {
  count: bigint;
  quantity: bigint;
  cents: bigint;
}

type Node = string | readonly (readonly [string, Node])[];

export const REPORT_NAMES = [
  'daily_sales',
  'product_sales',
  'customer_metrics',
  'order_status',
  'summary',
] as const;

export function expectedReports(
  rows: Iterable<Row>,
  topN: number,
  generatedAt: string,
): Map<string, string> {
  const all = [...rows];
  const orders = all.flatMap((row) => (row.table === 'orders' ? [row.values] : []));
  const items = all.flatMap((row) => (row.table === 'order_items' ? [row.values] : []));
  const customers = group(orders, ({ customer }) => customer?.toString(), ofOrder);
  const products = group(items, ({ product }) => product?.toString(), ofItem);
  const days = group(orders, dayOf, ofOrder);
  const statuses = sortedByName(group(orders, ({ status }) => status ?? 'unknown', ofOrder));
  const total = orders.reduce((sum, { cents }) => sum + (cents ?? 0n), 0n);
  const statusCounts = statuses.map(([name, { count }]) => [name, count.toString()] as const);
  const bodies: Record<(typeof REPORT_NAMES)[number], readonly [string, string, Node]> = {
    daily_sales: [
      'daily_sales',
      'data',
      sortedByName(days).map(([day, { count, cents }]) => [
        day,
        [
          ['total_amount', money(cents)],
          ['order_count', count.toString()],
        ],
      ]),
    ],
    product_sales: [
      'product_sales',
      'data',
      ranked(products, topN).map(([id, { quantity, cents }]) => [
        id,
        [
          ['quantity_sold', quantity.toString()],
          ['total_revenue', money(cents)],
        ],
      ]),
    ],
    customer_metrics: [
      'customer_metrics',
      'data',
      ranked(customers, topN).map(([id, { count, cents }]) => [
        id,
        [
          ['order_count', count.toString()],
          ['total_spent', money(cents)],
        ],
      ]),
    ],
    order_status: ['order_status_distribution', 'data', statusCounts],
    summary: [
      'summary',
      'metrics',
      [
        ['total_orders', orders.length.toString()],
        ['total_revenue', money(total)],
        ['unique_customers', customers.size.toString()],
        ['unique_products_sold', products.size.toString()],
        ['order_status_breakdown', statusCounts],
      ],
    ],
  };
  return new Map(
    Object.entries(bodies).map(([name, [type, title, body]]) => [
      name,
      write([
        ['report_type', JSON.stringify(type)],
        ['generated_at', JSON.stringify(generatedAt)],
        [title, body],
      ]),
    ]),
  );
}

function group<Values>(
  rows: readonly Values[],
  nameOf: (row: Values) => string | undefined,
  amountOf: (row: Values) => Pick<Group, 'quantity' | 'cents'>,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === undefined) continue;
    const sums = groups.get(name) ?? { count: 0n, quantity: 0n, cents: 0n };
    const { quantity, cents } = amountOf(row);
    sums.count += 1n;
    sums.quantity += quantity;
    sums.cents += cents;
    groups.set(name, sums);
  }
  return groups;
}

const ofOrder = ({ cents }: OrderRow) => ({ quantity: 0n, cents: cents ?? 0n });

function ofItem({ quantity, cents }: ItemRow) {
  return { quantity: quantity ?? 0n, cents: (quantity ?? 0n) * (cents ?? 0n) };
}

function dayOf({ createdUs }: OrderRow): string {
  return createdUs === null
    ? 'unknown'
    : new Date(Number(createdUs / 1000n)).toISOString().slice(0, 10);
}

/** `unknown` sorts behind every date. */
function sortedByName(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function ranked(groups: ReadonlyMap<string, Group>, topN: number): [string, Group][] {
  const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
  return [...groups]
    .sort(([a, x], [b, y]) => order(y.cents, x.cents) || order(BigInt(a), BigInt(b)))
    .slice(0, topN);
}

function money(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** A text is a value as it stands in JSON. */
function write(node: Node, indent = ''): string {
  if (typeof node === 'string') return node;
  if (node.length === 0) return '{}';
  const lines = node.map(
    ([name, value]) => `${indent}  ${JSON.stringify(name)}: ${write(value, `${indent}  `)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
