// Who may do what in the database. The writer owns the tables, makes partitions and writes rows; the
// reader reads. An administrator makes the roles; what its tables allow, the writer says itself.
import { createHash } from 'node:crypto';
import { ConnectionError, DatabaseError, ServerError } from '../../platform/database-errors.ts';
import type { Roles } from '../../platform/database-roles.ts';
import type { Sql } from '../../platform/sql-client.ts';
import readerText from '../sql/reader.sql';
import rolesText from '../sql/roles.sql';

/**
 * Makes the roles, and the writer the owner of what was migrated before. All of it or nothing.
 * @param sql of a user that may make roles, a superuser or not.
 */
export async function makeRoles(sql: Sql, roles: Roles): Promise<void> {
  try {
    await runWith(sql, roles, rolesText);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { message, detail = '' } = error;
    throw new DatabaseError(
      `The database's roles could not be made: ${[message, detail].filter(Boolean).join(': ')} (see docs/database-access.md)`,
      { cause: error },
    );
  }
}

/** @param sql of the writer. */
export async function areRolesMade(sql: Sql, roles: Roles): Promise<boolean> {
  try {
    const [found] = await sql<{ made: boolean }>`
      select obj_description(to_regclass('public.schema_migrations'), 'pg_class') = ${versionOf(roles)}
        and has_schema_privilege('public', 'create')
        and not exists (
          select from pg_namespace, aclexplode(nspacl) as allowed
          where nspname = 'public' and allowed.grantee = 0 and allowed.privilege_type = 'CREATE'
        )
        and not exists (
          select from pg_class where oid = to_regclass('public.auction_outcomes') and relowner <> pg_roles.oid
        ) as made
      from pg_roles where rolname = current_user`;
    return found?.made === true;
  } catch (error) {
    // That there is no such role yet, most likely; if it is the network, making them says so.
    if (error instanceof ConnectionError) return false;
    throw error;
  }
}

/** @param sql of the writer, after the migrations. */
export async function allowReader(sql: Sql, roles: Roles, mayDelete: boolean): Promise<void> {
  if (!roles.reader) return;
  await runWith(sql, roles, readerText, mayDelete);
}

/** What the next deployment asks: nobody but a superuser could write it to a role that has no members. */
export async function noteRolesMade(sql: Sql, roles: Roles): Promise<void> {
  await sql.unsafe(`comment on table public.schema_migrations is '${versionOf(roles)}'`);
}

async function runWith(sql: Sql, roles: Roles, text: string, mayDelete = false): Promise<void> {
  await sql.begin(async (statement) => {
    await statement`select set_config('analytics.writer', ${roles.writer}, true),
      set_config('analytics.reader', ${roles.reader ?? ''}, true),
      set_config('analytics.deletion', ${String(mayDelete)}, true)`;
    await statement([text]);
  });
}

/** Another text or another reader: the roles are made anew. */
function versionOf({ reader }: Roles): string {
  const digest = createHash('sha256')
    .update(`${rolesText}\n${reader ?? ''}`)
    .digest('hex');
  return `analytics-service, roles.sql ${digest.slice(0, 16)}`;
}
