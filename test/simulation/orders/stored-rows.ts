// The row images of the aggregates table as rows, read by the auditor's own means.
import type { StoredItem } from '../stores/expressions.ts';
import type { Row } from './source.ts';

export function storedRows(items: Iterable<StoredItem>): Row[] {
  return [...items].flatMap((item): Row[] => {
    const kind = item.pk?.S?.split('#')[0];
    if (item.gone) return [];
    if (kind === 'order') return [{ table: 'orders', values: orderOf(item) }];
    if (kind === 'item') return [{ table: 'order_items', values: itemOf(item) }];
    return [];
  });
}

function orderOf({ c, a, s, d }: StoredItem) {
  return {
    customer: toInteger(c?.N),
    cents: toCents(a?.N),
    status: s?.S ?? null,
    createdUs: d?.S === undefined ? null : BigInt(Date.parse(d.S)) * 1000n,
  };
}

function itemOf({ p, q, u }: StoredItem) {
  return { product: toInteger(p?.N), quantity: toInteger(q?.N), cents: toCents(u?.N) };
}

function toInteger(text: string | undefined): bigint | null {
  return text === undefined ? null : BigInt(text);
}

function toCents(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(2, '0'));
}
