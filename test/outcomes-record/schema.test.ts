import { expect, test } from 'vitest';
import { migrateDatabase, migrationStatus } from '../../functions/outcomes/migrate/migrate.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();

test('two runners at once: every migration applied once, in order', async () => {
  const { env, sql } = await server.freshDatabase('template1');
  const runs = await Promise.all([migrateDatabase(sql), migrateDatabase(server.connect(env))]);
  const names = (await migrationStatus(sql)).map((one) => one.name);
  expect(names.length).toBeGreaterThan(3);
  expect(runs.flat().sort()).toEqual(names);
  expect(await migrateDatabase(sql)).toEqual([]);
});
