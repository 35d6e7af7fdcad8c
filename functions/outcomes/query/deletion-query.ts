// What a deletion asks of the rows. The rollups are seen to by the tables themselves (sql/0006-deletion.sql). Pure.
import { rowCondition } from './filters.ts';
import { type Filters, filterParameters } from './parameters.ts';
import { type Query, sql } from './sql.ts';

/** While nobody records: then every row up to this id is there for all to see, and none will follow. */
export function lastIdQuery(): Query<{ readonly id: string }> {
  return sql`select id from auction_outcomes order by id desc limit 1`;
}

export function matchingQuery(filters: Filters, lastId: string): Query<{ readonly count: string }> {
  return sql`select count(*) as count from auction_outcomes
    where id <= ${lastId}::bigint and ${rowCondition(filters)}`;
}

export function deleteOneQuery(id: bigint, filters: Filters): Query<{ readonly deleted: string }> {
  return sql`with gone as (
      delete from auction_outcomes where id = ${id.toString()}::bigint and ${rowCondition(filters)} returning 1
    )
    select count(*) as deleted from gone`;
}

/** Of those up to this id, so many at most. */
export function deleteSomeQuery(
  filters: Filters,
  lastId: string,
  rowsMax: number,
): Query<{ readonly deleted: string }> {
  return sql`with chosen as materialized (
      select id, "timestamp" from auction_outcomes
      where id <= ${lastId}::bigint and ${rowCondition(filters)} limit ${rowsMax}::bigint
    ), gone as (
      delete from auction_outcomes as outcome using chosen
      where outcome.id = chosen.id and outcome."timestamp" = chosen."timestamp" returning 1
    )
    select count(*) as deleted from gone`;
}

/** Whether the filters leave anything out: all outcomes at once are nobody's cleanup. */
export function namesFilter(filters: Filters): boolean {
  const names = Object.keys(filterParameters.shape) as (keyof typeof filterParameters.shape)[];
  return names.some((name) => filters[name] !== undefined);
}
