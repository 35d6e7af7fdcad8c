// The outcomes of the service that this one replaces: a table of PostgreSQL, read in the order of its ids. Only read.
import { ENV } from '../../functions/contracts.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { UserError } from '../../local/shared/user-error.ts';

export const COLUMNS = [
  ...['id', 'bid_id', 'user_id', 'site_domain', 'win_status', 'win_price', 'bid_price'],
  ...['currency', 'enriched', 'timestamp', 'auction_timestamp', 'user_interests', 'raw_data'],
  ...['created_at', 'updated_at'],
] as const;
/** Their digits cross as text: JSON's numbers have none of their own. */
const AS_TEXT: ReadonlySet<string> = new Set(['id', 'win_price', 'bid_price']);
const TIMEOUT_MS = 840_000;

export interface Page {
  readonly rows: number;
  readonly lastId: bigint;
  /** A JSON list, as PostgreSQL wrote it. */
  readonly json: string;
}

export interface SourceTable {
  /** Undefined when it is empty. */
  maxId(): Promise<bigint | undefined>;
  count(after: bigint): Promise<bigint>;
  /** Undefined when there is none after that id. */
  page(after: bigint, rowsMax: number): Promise<Page | undefined>;
  close(): Promise<void>;
}

/** @throws {UserError} when the table is not there, or lacks a column. */
export async function openSourceTable(url: string, table: string): Promise<SourceTable> {
  const name = quoted(table);
  const sql = connect(url);
  const missing = await missingColumns(sql, table).catch(async (error: unknown) => {
    await sql.end();
    throw error;
  });
  if (missing.length > 0) {
    await sql.end();
    const reason =
      missing.length === COLUMNS.length ? 'is not there' : `lacks ${missing.join(', ')}`;
    throw new UserError(`The table ${table} ${reason}: name another with --table.`);
  }
  const fields = COLUMNS.map((column) => {
    return `'${column}', page."${column}"${AS_TEXT.has(column) ? '::text' : ''}`;
  });
  return {
    async maxId() {
      const [row] = await sql.unsafe<{ id: string | null }>(
        `select max(id)::text as id from ${name}`,
      );
      return row?.id === null || row === undefined ? undefined : BigInt(row.id);
    },
    async count(after) {
      const text = `select count(*)::text as rows from ${name} where id > $1::bigint`;
      const [row] = await sql.unsafe<{ rows: string }>(text, [after.toString()]);
      return BigInt(row?.rows ?? 0);
    },
    async page(after, rowsMax) {
      const [row] = await sql.unsafe<{ rows: number; last_id: string | null; json: string }>(
        `select count(*)::int as rows, max(page.id)::text as last_id,
           json_agg(json_build_object(${fields.join()}) order by page.id)::text as json
         from (select * from ${name} where id > $1::bigint order by id limit $2::integer) as page`,
        [after.toString(), String(rowsMax)],
      );
      if (!row || row.last_id === null) return undefined;
      return { rows: row.rows, lastId: BigInt(row.last_id), json: row.json };
    },
    close: () => sql.end(),
  };
}

function connect(url: string): Sql {
  const place = URL.parse(url);
  if (!place || !/^postgres(?:ql)?:$/.test(place.protocol) || place.pathname.length < 2) {
    throw new UserError('--from must be postgres://USER@HOST:PORT/DATABASE.');
  }
  const settings = {
    [ENV.dbHost]: place.hostname,
    [ENV.dbPort]: place.port || '5432',
    [ENV.dbName]: decodeURIComponent(place.pathname.slice(1)),
    [ENV.dbUser]: decodeURIComponent(place.username),
    [ENV.dbPassword]: decodeURIComponent(place.password) || process.env.PGPASSWORD || '',
    [ENV.dbSsl]: place.searchParams.get('sslmode') ?? 'disable',
  };
  return makePostgres(settings, {
    functionName: 'migrate-database',
    connectionsMax: 1,
    statementTimeoutMs: TIMEOUT_MS,
  });
}

async function missingColumns(sql: Sql, table: string): Promise<string[]> {
  const found = await sql<{ name: string }>`
    select attname::text as name from pg_attribute
    where attrelid = to_regclass(${quoted(table)}) and attnum > 0 and not attisdropped`;
  const names = new Set(found.map(({ name }) => name));
  return COLUMNS.filter((column) => !names.has(column));
}

/** `outcomes_auctionoutcome`, or with its schema before a point. */
function quoted(table: string): string {
  if (!/^\w{1,63}(?:\.\w{1,63})?$/.test(table)) {
    throw new UserError(`--table must be the name of a table, not "${table}".`);
  }
  return table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}
