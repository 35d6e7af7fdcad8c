// How far the outcomes are recorded, and which schema they have. Pure.
import { type Query, sql } from '../query/sql.ts';

export interface PositionRow {
  readonly epoch: string;
  readonly topic: string;
  readonly partition: number;
  readonly last_offset: string;
  readonly newest_event_ms: string | null;
  readonly moved_ms: string;
}

/** Of each partition the life of its topic that moved last. */
export function positionsQuery(): Query<PositionRow> {
  return sql`select distinct on (kafka_topic, kafka_partition)
      stream_epoch as epoch, kafka_topic as topic, kafka_partition as partition, last_offset,
      trunc(extract(epoch from newest_event_at) * 1000) as newest_event_ms,
      trunc(extract(epoch from updated_at) * 1000) as moved_ms
    from stream_positions order by kafka_topic, kafka_partition, updated_at desc`;
}

export interface MigrationRow {
  readonly name: string;
  readonly applied_at: string;
}

export function migrationsQuery(): Query<MigrationRow> {
  return sql`select name, "timestamp" as applied_at from schema_migrations order by name`;
}
