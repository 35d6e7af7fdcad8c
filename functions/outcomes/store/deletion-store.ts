// Deletes outcomes. Each transaction takes its rows and then, by the tables' trigger, their rollups in the order in
// which recorders take them; one deletion at a time, so that two of them do not meet on rows either.
import { retryConflicts, ServerError } from '../../platform/database-errors.ts';
import type { Sql as Client, Statement } from '../../platform/sql-client.ts';
import {
  deleteOneQuery,
  deleteSomeQuery,
  lastIdQuery,
  matchingQuery,
} from '../query/deletion-query.ts';
import type { Filters } from '../query/parameters.ts';

export interface DeletionStore {
  /** Whether it was there. */
  deleteOne(id: bigint, filters: Filters): Promise<boolean>;
  /** The id up to which no more rows can come; `undefined` while there are none at all. */
  lastId(): Promise<string | undefined>;
  /** Those that match, up to that id. */
  count(filters: Filters, lastId: string): Promise<number>;
  /** One transaction: some of them; answers how many. */
  deleteSome(filters: Filters, lastId: string): Promise<number>;
}

/** The database has not been told that the API may delete. */
export class DeletionNotGrantedError extends Error {
  override readonly name = 'DeletionNotGrantedError';
}

/** A fraction of a second's work, for recorders of the same days wait that long. */
const BATCH_ROWS = 5_000;
/** The reader's transactions only read unless they say so. */
const WRITING = 'read write';
const LOCK = 'deletion of outcomes';
const INSUFFICIENT_PRIVILEGE = '42501';

export function makeDeletionStore(client: Client): DeletionStore {
  async function write<T>(work: (statement: Statement) => Promise<T>): Promise<T> {
    try {
      return await retryConflicts(() => client.begin(work, WRITING));
    } catch (error) {
      const isRefused = error instanceof ServerError && error.code === INSUFFICIENT_PRIVILEGE;
      if (!isRefused) throw error;
      throw new DeletionNotGrantedError('The role may not delete outcomes.', { cause: error });
    }
  }
  const alone = (statement: Statement) =>
    statement`select pg_advisory_xact_lock(hashtext(${LOCK}))`;
  return {
    deleteOne: (id, filters) =>
      write(async (statement) => {
        await alone(statement);
        const { texts, values } = deleteOneQuery(id, filters);
        const [row] = await statement<{ deleted: string }>(texts, ...values);
        return Number(row?.deleted) > 0;
      }),
    lastId: () =>
      write(async (statement) => {
        await statement`lock table only auction_outcomes in share mode`;
        const { texts, values } = lastIdQuery();
        const [row] = await statement<{ id: string }>(texts, ...values);
        return row?.id;
      }),
    async count(filters, lastId) {
      const { texts, values } = matchingQuery(filters, lastId);
      const [row] = await client<{ count: string }>(texts, ...values);
      return Number(row?.count);
    },
    deleteSome: (filters, lastId) =>
      write(async (statement) => {
        await alone(statement);
        const { texts, values } = deleteSomeQuery(filters, lastId, BATCH_ROWS);
        const [row] = await statement<{ deleted: string }>(texts, ...values);
        return Number(row?.deleted);
      }),
  };
}
