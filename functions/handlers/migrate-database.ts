// The schema of the outcomes, brought up to date on deploy and kept in order on a schedule. Takes any
// event; `{"status": true}` only answers what is applied and what is pending. Anything that fails is
// thrown, so that a deployment stops. Given an administrator's secret, makes the database's roles first.
import middy from '@middy/core';
import { ENV } from '../contracts.ts';
import { migrateDatabase, migrationStatus, newerMigrations } from '../outcomes/migrate/migrate.ts';
import { allowReader, areRolesMade, makeRoles, noteRolesMade } from '../outcomes/migrate/roles.ts';
import { dropOutcomesOlderThan, makePartitionsAhead } from '../outcomes/migrate/upkeep.ts';
import { administratorLogin, readRoles } from '../platform/database-roles.ts';
import { makePostgres } from '../platform/postgres.ts';
import { flagSetting, integerSetting } from '../platform/settings.ts';
import { makeTelemetry } from '../platform/telemetry.ts';

/** An index on a large table takes minutes; Lambda itself stops at fifteen. */
const STATEMENT_TIMEOUT_MS = 840_000;
const KEEP_ALL = 0;

const { env } = process;
const { logger } = makeTelemetry('migrate-database', env);
const retentionDays = integerSetting(env, ENV.retentionDays, KEEP_ALL, { min: 0, max: 36_500 });
const mayDelete = flagSetting(env, ENV.allowDelete);
const options = {
  functionName: 'migrate-database',
  connectionsMax: 1,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
} as const;
const sql = makePostgres(env, options);
const roles = readRoles(env);
const administrator = administratorLogin(env);

/** The administrator's secret is asked for only when something of the roles is missing. */
async function bringRolesUpToDate(): Promise<boolean> {
  if (!administrator || (await areRolesMade(sql, roles))) return false;
  const byAdministrator = makePostgres(env, { ...options, login: administrator });
  try {
    await makeRoles(byAdministrator, roles);
  } finally {
    await byAdministrator.end();
  }
  logger.info('roles', { ...roles });
  return true;
}

async function bringUpToDate() {
  const areNew = await bringRolesUpToDate();
  const applied = await migrateDatabase(sql);
  const newer = await newerMigrations(sql);
  if (newer.length > 0) logger.warn('the schema is of a newer version', { newer });
  await allowReader(sql, roles, mayDelete);
  if (areNew) await noteRolesMade(sql, roles);
  const partitionsMade = await makePartitionsAhead(sql);
  const partitionsDropped =
    retentionDays === KEEP_ALL ? [] : await dropOutcomesOlderThan(sql, retentionDays);
  const done = {
    applied,
    partitions_made: partitionsMade,
    partitions_dropped: partitionsDropped,
  };
  logger.info('database', done);
  return done;
}

function asksForStatus(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'status' in event && event.status === true;
}

export const handler = middy(async (event: unknown) =>
  asksForStatus(event) ? { migrations: await migrationStatus(sql) } : bringUpToDate(),
);
