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
  // A record of those months that is sent again is a row again until the next run, deleted before or not.
  await sql`
    delete from deleted_outcomes where "timestamp" <
      date_trunc('month', now() at time zone 'UTC' - ${days}::integer * interval '1 day') at time zone 'UTC'`;
  return dropped.map(({ name }) => name);
}
