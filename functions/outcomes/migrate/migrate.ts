// Brings the schema up to date. Kysely's migrator does the work: an advisory lock, so that of two
// runners one waits; all pending migrations in one transaction, so that a failure leaves nothing; and
// a check that what was applied is known here, in this order. There is no way down.
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

/**
 * Applies what is pending and answers its names.
 * @throws the first migration's error; nothing was applied then.
 */
export async function migrateDatabase(sql: Sql): Promise<string[]> {
  await reach(sql);
  const { error, results } = await makeMigrator(sql).migrateToLatest();
  if (error) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

export async function migrationStatus(sql: Sql): Promise<MigrationStatus[]> {
  await reach(sql);
  const migrations = await makeMigrator(sql).getMigrations();
  return migrations.map(({ name, executedAt }) => ({
    name,
    applied_at: executedAt?.toISOString() ?? null,
  }));
}

/** Kysely takes connections by itself; that there is none is told in our own words before. */
async function reach(sql: Sql): Promise<void> {
  await sql`select`;
}

function makeMigrator(sql: Sql): Migrator {
  const db = new Kysely<unknown>({ dialect: makeKyselyDialect(sql) });
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, text]) => [name, toMigration(text)]),
  );
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'schema_migrations',
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
