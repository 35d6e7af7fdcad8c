// Logs on as a function does, in a process of its own, since Node reads NODE_EXTRA_CA_CERTS as it starts; says
// whether the connection was encrypted, or why there was none.
import { makePostgres } from '../../functions/platform/postgres.ts';

const sql = makePostgres(process.env, { functionName: 'serve-api', connectionsMax: 1 });
try {
  const [row] = await sql<{ encrypted: boolean }>`
    select ssl as encrypted from pg_stat_ssl where pid = pg_backend_pid()`;
  process.stdout.write(row?.encrypted ? 'encrypted' : 'plain');
} catch (error) {
  process.stdout.write(error instanceof Error ? error.message : String(error));
} finally {
  await sql.end();
}
