// SQL as template literals over node-postgres: what stands in `${}` goes to the server as a parameter,
// never as text. Times, dates, numerics and bigints come back as the text that the server wrote: a
// JavaScript number or Date would lose digits.
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { ConnectionError, explainError } from './database-errors.ts';

export type SqlValue = string | number | boolean | null | readonly string[];

export type Statement = <Row extends object = Record<string, unknown>>(
  texts: readonly string[],
  ...values: readonly SqlValue[]
) => Promise<Row[]>;

export interface Sql extends Statement {
  /** Commits when `work` is done, rolls back when it fails. `mode`: as after BEGIN. */
  begin<T>(work: (sql: Statement) => Promise<T>, mode?: string): Promise<T>;
  /** The rows in batches, as they are taken; leaving early ends the query. */
  stream<Row extends object>(
    batchRows: number,
    texts: readonly string[],
    ...values: readonly SqlValue[]
  ): AsyncGenerator<Row[]>;
  /** Text that was put together elsewhere: the caller answers for it. */
  unsafe<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly SqlValue[],
  ): Promise<Row[]>;
  end(): Promise<void>;
  /** For libraries that bring their own way to ask. */
  readonly pool: Pool;
}

const BOOLEAN = 16;
const SMALL_NUMBERS = new Set([21, 23, 26]);
const JSON_TYPES = new Set([114, 3802]);

/** Of every type the text, but for the few that JavaScript holds exactly. */
export const EXACT_TYPES = {
  getTypeParser: (type: number) => (text: string) => {
    if (type === BOOLEAN) return text === 't';
    if (SMALL_NUMBERS.has(type)) return Number(text);
    return JSON_TYPES.has(type) ? JSON.parse(text) : text;
  },
};

export function makeSql(pool: Pool, server: string): Sql {
  // A connection that dies while idle is replaced by the pool; one in use fails its query.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  const explained = async <T>(query: Promise<T>): Promise<T> => {
    try {
      return await query;
    } catch (error) {
      throw explainError(error, server);
    }
  };
  const statementOn =
    (target: Pool | PoolClient): Statement =>
    async (texts, ...values) =>
      (await explained(target.query(toText(texts), [...values]))).rows;
  const unsafe: Sql['unsafe'] = async (text, values = []) =>
    (await explained(pool.query(text, [...values]))).rows;

  async function begin<T>(work: (sql: Statement) => Promise<T>, mode = ''): Promise<T> {
    const client = await explained(pool.connect());
    const send = (text: string) => explained(client.query(text));
    let isUsable = true;
    try {
      await send(`begin ${mode}`);
      const result = await work(statementOn(client));
      const { command } = await send('commit');
      if (command !== 'COMMIT') throw new Error('Rolled back, as a statement had failed.');
      return result;
    } catch (error) {
      isUsable = !(error instanceof ConnectionError) && (await rollBack(client));
      throw error;
    } finally {
      client.release(!isUsable);
    }
  }

  async function* stream<Row extends object>(
    batchRows: number,
    texts: readonly string[],
    ...values: readonly SqlValue[]
  ): AsyncGenerator<Row[]> {
    const client = await explained(pool.connect());
    let isDone = false;
    try {
      const cursor = client.query(
        new Cursor<Row>(toText(texts), [...values], { types: EXACT_TYPES }),
      );
      while (!isDone) {
        const rows = await explained(cursor.read(batchRows));
        isDone = rows.length < batchRows;
        if (rows.length > 0) yield rows;
      }
    } finally {
      // A query that was left or failed half way ends with its connection.
      client.release(!isDone);
    }
  }

  return Object.assign(statementOn(pool), { begin, stream, unsafe, end: () => pool.end(), pool });
}

function toText(texts: readonly string[]): string {
  return texts.reduce((soFar, text, index) => `${soFar}$${index}${text}`);
}

async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}
