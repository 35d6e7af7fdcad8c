// A client of the database in a data directory.
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import type { Stores } from '../../local/stores/open-stores.ts';

export async function connectTo(stores: Stores): Promise<Sql> {
  const env = await stores.openDatabase();
  return makePostgres(env, { functionName: 'serve-api', connectionsMax: 1 });
}
