// What the tables need besides migrations: partitions for the months to come, and the end of months
// that are past keeping. Both may run at any time, and again.
import type { Sql } from '../../platform/sql-client.ts';

/** Makes the partitions of this month and the next two; answers those that were missing. */
export async function makePartitionsAhead(sql: Sql): Promise<string[]> {
  const made = await sql<{ name: string }>`select make_outcome_partitions(array[]::date[]) as name`;
  return made.map(({ name }) => name);
}

/** Drops every month that ended more than so many days ago, and keeps its sums; answers the partitions. */
export async function dropOutcomesOlderThan(sql: Sql, days: number): Promise<string[]> {
  const dropped = await sql<{ name: string }>`
    select drop_outcomes_before((now() at time zone 'UTC')::date - ${days}::integer) as name`;
  return dropped.map(({ name }) => name);
}
