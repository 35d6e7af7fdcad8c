// Reads the figures of one report run: every day item, the distinct counters and the top of both
// rankings. O(days + ranking), whatever the number of customers and products.

import { Decimal } from '../decimal.ts';
import { DAY_SHARDS, type EntityKind, itemKeys, STATUS_PREFIX } from '../items.ts';
import type { DayFigures, Figures } from '../reports/figures.ts';
import type { RankingReader } from './ranking-reader.ts';
import { readDecimal } from './sum-update.ts';
import type { Table } from './table-store.ts';
import type { Item } from './update-request.ts';

export interface FiguresStore {
  read(topN: number): Promise<Figures>;
}

export function makeFiguresStore(table: Table, rankings: RankingReader): FiguresStore {
  async function readDistinct(kind: EntityKind): Promise<bigint> {
    const { pk } = itemKeys.distinct(kind, '');
    let sum = 0n;
    for await (const item of table.query(pk)) sum += readCount(item, 'v');
    return sum;
  }

  async function readDays(): Promise<DayFigures[]> {
    const shards = Array.from({ length: DAY_SHARDS }, (_, shard) => itemKeys.day('', shard).pk);
    const items = await Promise.all(shards.map((pk) => Array.fromAsync(table.query(pk))));
    return sumDays(items.flat());
  }

  return {
    async read(topN) {
      const [days, customers, products, distinctCustomers, distinctProducts] = await Promise.all([
        readDays(),
        rankings.readTop('customer', topN),
        rankings.readTop('product', topN),
        readDistinct('customer'),
        readDistinct('product'),
      ]);
      return {
        days,
        customers: customers.map(({ id, score, item }) => ({
          id,
          orders: readCount(item, 'n'),
          spent: score,
        })),
        products: products.map(({ id, score, item }) => ({
          id,
          items: readCount(item, 'n'),
          quantity: readCount(item, 'q'),
          revenue: score,
        })),
        distinctCustomers,
        distinctProducts,
      };
    },
  };
}

/** The shards of each day added up, without the groups that are empty. */
export function sumDays(items: readonly Item[]): DayFigures[] {
  const days = new Map<
    string,
    { orders: bigint; amount: Decimal; statuses: Map<string, bigint> }
  >();
  for (const item of items) {
    const day = item.sk && 'S' in item.sk ? item.sk.S : '';
    const sums = days.get(day) ?? { orders: 0n, amount: Decimal.ZERO, statuses: new Map() };
    sums.orders += readCount(item, 'n');
    sums.amount = sums.amount.plus(readDecimal(item, 'a'));
    for (const attribute of Object.keys(item).filter((name) => name.startsWith(STATUS_PREFIX))) {
      const status = attribute.slice(STATUS_PREFIX.length);
      sums.statuses.set(status, (sums.statuses.get(status) ?? 0n) + readCount(item, attribute));
    }
    days.set(day, sums);
  }
  return [...days]
    .map(([day, { orders, amount, statuses }]) => ({
      day,
      orders,
      amount,
      ordersByStatus: new Map([...statuses].filter(([, count]) => count !== 0n)),
    }))
    .filter(({ orders, ordersByStatus }) => orders !== 0n || ordersByStatus.size > 0);
}

function readCount(item: Item, attribute: string): bigint {
  return BigInt(readDecimal(item, attribute).toText());
}
