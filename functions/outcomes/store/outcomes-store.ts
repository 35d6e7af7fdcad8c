// Sends the API's queries to PostgreSQL. Everything here only reads.
import { ConnectionError, ServerError } from '../../platform/database-errors.ts';
import type { Sql as Client, Statement } from '../../platform/sql-client.ts';
import type { Query } from '../query/sql.ts';

export type ReadRows = <Row extends object>(query: Query<Row>) => Promise<readonly Row[]>;

export interface OutcomesStore {
  readonly rows: ReadRows;
  /** The same for a query whose rows one index has in their order, whatever its values are. */
  readonly servedRows: ReadRows;
  /** All queries of `read` see the same moment. */
  readonly snapshot: <T>(read: (rows: ReadRows) => Promise<T>) => Promise<T>;
  /** The same for two that are known beforehand: in one round trip. */
  readonly together: <A extends object, B extends object>(
    first: Query<A>,
    second: Query<B>,
  ) => Promise<readonly [readonly A[], readonly B[]]>;
  /** In batches, as fast as they are taken; one statement, so all of one moment. */
  readonly stream: <Row extends object>(query: Query<Row>) => AsyncIterable<readonly Row[]>;
}

/** The query ran into the statement timeout. */
export class QueryTimeoutError extends Error {
  override readonly name = 'QueryTimeoutError';
}

const SNAPSHOT = 'isolation level repeatable read read only';
/** A month that is dropped or gets its partition is not of the snapshot: it must wait for its end. */
const LOCK_MONTHS = ['lock table auction_outcomes in access share mode'];
const BATCH_ROWS = 1_000;
const QUERY_CANCELED = '57014';

export function makeOutcomesStore(client: Client): OutcomesStore {
  return {
    rows: (query) => onceMoreIfLost(() => send(client, query)),
    servedRows: (query) => onceMoreIfLost(() => send(client.byOnePlan, query)),
    snapshot: (read) =>
      onceMoreIfLost(() =>
        client.begin(async (statement) => {
          // Before the first query, which takes the snapshot.
          await statement(LOCK_MONTHS);
          return read((query) => send(statement, query));
        }, SNAPSHOT),
      ),
    together: <A extends object, B extends object>(first: Query<A>, second: Query<B>) =>
      onceMoreIfLost(async () => {
        const statements = [{ texts: LOCK_MONTHS, values: [] }, first, second];
        const [, a = [], b = []] = await client.together<A | B>(statements, SNAPSHOT);
        return [a as A[], b as B[]] as const;
      }),
    async *stream<Row extends object>({ texts, values }: Query<Row>) {
      try {
        yield* client.stream<Row>(BATCH_ROWS, texts, ...values);
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

async function send<Row extends object>(
  statement: Statement,
  { texts, values }: Query<Row>,
): Promise<readonly Row[]> {
  return statement<Row>(texts, ...values);
}

/** A connection that was lost while Lambda was frozen shows only when it is used; reading again is safe. */
async function onceMoreIfLost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work().catch((error: unknown) => {
      if (error instanceof ConnectionError) return work();
      throw error;
    });
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  const code = error instanceof ServerError ? (error.code ?? '') : '';
  if (code === QUERY_CANCELED) {
    return new QueryTimeoutError('The query ran into the statement timeout.', { cause: error });
  }
  return error;
}
