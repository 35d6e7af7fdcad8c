// The same request over a table of 6 months and over one of 120. Last of the reads: what it makes stays.
import { comparePair, type Figure } from '../measure.ts';
import { bodyOf } from './api.ts';
import { makeMonths } from './fill.ts';
import type { Bench } from './setting.ts';

const MONTHS = 120;

/** Its two tables stand side by side: the same rows, in a database with few months and in one with many. */
export async function* benchMonths({ sql, ask }: Bench): AsyncGenerator<Figure> {
  const [row] = await sql<
    { id: string }[]
  >`select id from auction_outcomes order by "timestamp" desc limit 1`;
  const retrieve = () => bodyOf(ask, `/api/outcomes/${row?.id}/`);
  const [few] = await sql<
    { count: number }[]
  >`select count(*)::int as count from outcome_partitions`;
  const plain = () => sql`select 1`;
  const before = await comparePair({
    name: `retrieve, ${few?.count} months`,
    ours: retrieve,
    beside: 'select 1',
    theirs: plain,
    rounds: 100,
  });
  yield before;
  await makeMonths(sql, MONTHS);
  yield await comparePair({
    name: `retrieve, ${MONTHS} months`,
    ours: retrieve,
    beside: 'select 1',
    theirs: plain,
    rounds: 100,
  });
}
