// Reads the figures of the newest plan that is done: every day, the counters, both rankings.
import { Decimal } from '../decimal.ts';
import { type Sums, splitDayName } from '../fold/sums.ts';
import { type BaseStore, OvertakenError } from '../merge/base-store.ts';
import { COUNTERS } from '../merge/counters.ts';
import { type Ranking, rankingOf } from '../merge/ranking.ts';
import type { DayFigures, Figures } from './figures.ts';

/** @throws {OvertakenError} when a later plan has changed some of it meanwhile */
export async function readFigures(base: BaseStore, epoch: number, topN: number): Promise<Figures> {
  const [counters, customers, products] = await Promise.all([
    base.read(COUNTERS),
    base.read(rankingOf('customer')),
    base.read(rankingOf('product')),
  ]);
  const days = new Map<string, Map<string, Sums>>();
  let newest = Math.max(counters.epoch, customers.epoch, products.epoch);
  for await (const page of base.pages('day')) {
    newest = Math.max(newest, page.epoch);
    for (const [name, sums] of page.sums) {
      const { day, status } = splitDayName(name);
      const byStatus = days.get(day) ?? new Map<string, Sums>();
      days.set(day, byStatus.set(status, sums));
    }
  }
  if (newest > epoch)
    throw new OvertakenError(`Plan ${newest} is under way, and ${epoch} is over.`);
  return {
    days: [...days].map(toDay),
    customers: best(customers, topN, (id, { count, amount }) => {
      return { id, orders: count, spent: amount };
    }),
    products: best(products, topN, (id, { count, quantity, amount }) => {
      return { id, items: count, quantity, revenue: amount };
    }),
    distinctCustomers: BigInt(counters.present.customer),
    distinctProducts: BigInt(counters.present.product),
    brokenCounts: counters.broken,
  };
}

function toDay([day, byStatus]: [string, Map<string, Sums>]): DayFigures {
  const all = [...byStatus.values()];
  const counts = [...byStatus].map(([status, { count }]) => [status, count] as const);
  return {
    day,
    orders: all.reduce((sum, { count }) => sum + count, 0n),
    amount: all.reduce((sum, { amount }) => sum.plus(amount), Decimal.ZERO),
    ordersByStatus: new Map(counts.filter(([, count]) => count !== 0n)),
  };
}

function best<T>(ranking: Ranking, topN: number, show: (id: bigint, sums: Sums) => T): T[] {
  return ranking.best.slice(0, topN).map(({ id, sums }) => show(id, sums));
}
