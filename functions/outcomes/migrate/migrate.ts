// Brings the schema up to date. Kysely's migrator does the work: an advisory lock, so that of two
// runners one waits; all pending migrations in one transaction, so that a failure leaves nothing; and
// a check that what was applied is known here, in this order. There is no way down: a version that is put back
// leaves alone what a newer one applied.
import { CompiledQuery, Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Sql } from '../../platform/sql-client.ts';
import { makeKyselyDialect } from './kysely-dialect.ts';
import { MIGRATIONS } from './migrations.ts';

export interface MigrationStatus {
  readonly name: string;
  /** ISO 8601, or null while pending. */
  readonly applied_at: string | null;
}

const MIGRATION_TABLE = 'schema_migrations';
/** Kysely refuses applied ones that it is not given; it never runs them again. */
const APPLIED: Migration = {
  up: async () => {
    throw new Error('This migration is of a newer version.');
  },
};

/**
 * Applies what is pending and answers its names.
 * @throws the first migration's error; nothing was applied then.
 */
export async function migrateDatabase(sql: Sql): Promise<string[]> {
  await reach(sql);
  const { error, results } = await (await makeMigrator(sql)).migrateToLatest();
  if (error) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

export async function migrationStatus(sql: Sql): Promise<MigrationStatus[]> {
  await reach(sql);
  const migrations = await (await makeMigrator(sql)).getMigrations();
  return migrations.map(({ name, executedAt }) => ({
    name,
    applied_at: executedAt?.toISOString() ?? null,
  }));
}

/** What a newer version applied: names later than any that is known here. */
export async function newerMigrations(sql: Sql): Promise<string[]> {
  const [table] = await sql<{ is_there: boolean }>`
    select to_regclass(${MIGRATION_TABLE}::text) is not null as is_there`;
  if (!table?.is_there) return [];
  const applied = await sql<{ name: string }>`select name from schema_migrations order by name`;
  const lastKnown = Object.keys(MIGRATIONS).toSorted().at(-1) ?? '';
  return applied.map(({ name }) => name).filter((name) => name > lastKnown);
}

/** Kysely takes connections by itself; that there is none is told in our own words before. */
async function reach(sql: Sql): Promise<void> {
  await sql`select`;
}

async function makeMigrator(sql: Sql): Promise<Migrator> {
  const db = new Kysely<unknown>({ dialect: makeKyselyDialect(sql) });
  const known = Object.entries(MIGRATIONS).map(([name, text]) => [name, toMigration(text)]);
  const newer = (await newerMigrations(sql)).map((name) => [name, APPLIED]);
  const migrations: Record<string, Migration> = Object.fromEntries([...known, ...newer]);
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: 'schema_migrations_lock',
  });
}

function toMigration(text: string): Migration {
  return {
    up: async (db) => {
      await db.executeQuery(CompiledQuery.raw(text));
    },
  };
}
