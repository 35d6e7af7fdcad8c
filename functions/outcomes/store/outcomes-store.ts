// Sends the API's queries to PostgreSQL. Everything here only reads.
import {
  type Sql as Client,
  DatabaseError,
  explainDatabaseErrors,
  type Transaction,
} from '../../platform/postgres.ts';
import type { Query } from '../query/sql.ts';

export type ReadRows = <Row extends object>(query: Query<Row>) => Promise<readonly Row[]>;

export interface OutcomesStore {
  readonly rows: ReadRows;
  /** All queries of `read` see the same moment. */
  readonly snapshot: <T>(read: (rows: ReadRows) => Promise<T>) => Promise<T>;
  /** In batches, as fast as they are taken; one statement, so all of one moment. */
  readonly stream: <Row extends object>(query: Query<Row>) => AsyncIterable<readonly Row[]>;
}

/** The query ran into the statement timeout. */
export class QueryTimeoutError extends Error {
  override readonly name = 'QueryTimeoutError';
}

const BATCH_ROWS = 1_000;
const QUERY_CANCELED = '57014';
/** Shut down, starting up, or no connection left: the server's own way to say "not now". */
const NOT_NOW = new Set(['57P01', '57P02', '57P03', '53300']);
const LOST_CONNECTION = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
]);

export function makeOutcomesStore(client: Client): OutcomesStore {
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await explainDatabaseErrors(client, onceMoreIfLost(work));
    } catch (error) {
      throw translated(error);
    }
  };
  return {
    rows: (query) => explained(() => send(client, query)),
    snapshot: (read) => explained(() => inSnapshot(client, read)),
    async *stream<Row extends object>(query: Query<Row>) {
      try {
        const batches = statement<Row>(client, query).cursor(BATCH_ROWS);
        yield* batches as AsyncIterable<readonly Row[]>;
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

async function inSnapshot<T>(client: Client, read: (rows: ReadRows) => Promise<T>): Promise<T> {
  const result = await client.begin('isolation level repeatable read read only', (transaction) =>
    // An object around it, for the driver's type takes apart a promise of an array.
    read((query) => send(transaction, query)).then((value) => ({ value })),
  );
  return (result as { value: T }).value;
}

async function send<Row extends object>(
  client: Client | Transaction,
  query: Query<Row>,
): Promise<readonly Row[]> {
  return statement<Row>(client, query);
}

/** Texts and values go to the driver's own template tag, which sends them apart from each other. */
function statement<Row extends object>(
  client: Client | Transaction,
  { texts, values }: Query<Row>,
) {
  const template = Object.assign([...texts], { raw: [...texts] });
  return client<Row[]>(template, ...values);
}

/** A connection that was lost while Lambda was frozen shows only when it is used; reading again is safe. */
async function onceMoreIfLost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!LOST_CONNECTION.has(codeOf(error))) throw error;
    return await work();
  }
}

function translated(error: unknown): unknown {
  const code = codeOf(error);
  if (code === QUERY_CANCELED)
    return new QueryTimeoutError('The query took too long.', { cause: error });
  if (NOT_NOW.has(code)) return new DatabaseError(`PostgreSQL refuses: ${code}.`, { cause: error });
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
