// SQL as template literals over postgres.js: what stands in `${}` goes to the server as a parameter,
// never as text. Times, dates, numerics and bigints come back as the text that the server wrote: a
// JavaScript number or Date would lose digits.
import type { ConnectionPool } from './connection-pool.ts';
import { explainError } from './database-errors.ts';
import type { Answer, Connection, SqlValue } from './postgres-connection.ts';

export type { SqlValue } from './postgres-connection.ts';

export type Statement = <Row extends object = Record<string, unknown>>(
  texts: readonly string[],
  ...values: readonly SqlValue[]
) => Promise<Row[]>;

/** A connection for libraries that bring their own way to ask. */
export interface Session {
  unsafe<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
  release(): void;
}

/** `texts` is one longer than `values`. */
export interface Written {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];
}

export interface Sql extends Statement {
  /** Commits when `work` is done, rolls back when it fails. `mode`: as after BEGIN. */
  begin<T>(work: (sql: Statement) => Promise<T>, mode?: string): Promise<T>;
  /** The rows of each, of one transaction that only reads: sent at once, so that it takes one round trip. */
  together<Row extends object>(statements: readonly Written[], mode: string): Promise<Row[][]>;
  /**
   * The same rows, for a statement that one plan serves whatever its values are: where statements are kept, that plan is
   * kept with it. Otherwise the server would often plan it anew, which over many partitions takes longer than reading.
   */
  byOnePlan: Statement;
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
  session(): Promise<Session>;
  end(): Promise<void>;
}

const BY_ONE_PLAN = 'read only; set local plan_cache_mode = force_generic_plan';

type Ask = <Row extends object>(text: string, values?: readonly SqlValue[]) => Promise<Answer<Row>>;

interface Lent {
  readonly connection: Connection;
  readonly ask: Ask;
  giveBack(): void;
}

/** Connections of the pool, whose errors name the server. */
function makeLend(pool: ConnectionPool, server: string): () => Promise<Lent> {
  const explained = async <T>(query: Promise<T>): Promise<T> => {
    try {
      return await query;
    } catch (error) {
      throw explainError(error, server);
    }
  };
  return async () => {
    const connection = await explained(pool.lend());
    return {
      connection,
      ask: (text, values) => explained(connection.ask(text, values)),
      giveBack: () => pool.giveBack(connection),
    };
  };
}

export function makeSql(pool: ConnectionPool, server: string): Sql {
  const lend = makeLend(pool, server);
  const onOne = async <T>(work: (lent: Lent) => Promise<T>): Promise<T> => {
    const lent = await lend();
    return work(lent).finally(lent.giveBack);
  };

  async function session(): Promise<Session> {
    const { ask, giveBack } = await lend();
    return {
      unsafe: async <Row extends object>(text: string, values?: readonly SqlValue[]) =>
        (await ask<Row>(text, values)).rows,
      release: giveBack,
    };
  }

  const unsafe: Sql['unsafe'] = <Row extends object>(text: string, values?: readonly SqlValue[]) =>
    onOne(async ({ ask }) => (await ask<Row>(text, values)).rows);

  const begin: Sql['begin'] = (work, mode = '') =>
    onOne(async ({ ask, connection }) => {
      try {
        return await runTransaction(ask, work, mode);
      } catch (error) {
        // One that cannot even roll back ends with its connection.
        if (connection.isOpen) await ask('rollback').catch(() => connection.destroy());
        throw error;
      }
    });

  const together: Sql['together'] = <Row extends object>(
    statements: readonly Written[],
    mode: string,
  ) => onOne(({ ask }) => askTogether<Row>(ask, statements, mode));

  const byOnePlan: Statement = <Row extends object>(
    texts: readonly string[],
    ...values: readonly SqlValue[]
  ) =>
    onOne(async ({ ask, connection }) => {
      if (!connection.keepsStatements) return (await ask<Row>(toText(texts), values)).rows;
      const [rows = []] = await askTogether<Row>(ask, [{ texts, values }], BY_ONE_PLAN);
      return rows;
    });

  async function* stream<Row extends object>(
    batchRows: number,
    texts: readonly string[],
    ...values: readonly SqlValue[]
  ): AsyncGenerator<Row[]> {
    const { ask, connection, giveBack } = await lend();
    let isDone = false;
    try {
      yield* streamBatches<Row>(ask, batchRows, { texts, values });
      isDone = true;
    } finally {
      // A query that was left or failed half way ends with its connection.
      if (!isDone) connection.destroy();
      giveBack();
    }
  }

  const statement: Statement = (texts, ...values) => unsafe(toText(texts), values);
  return Object.assign(statement, {
    begin,
    together,
    byOnePlan,
    stream,
    unsafe,
    session,
    end: () => pool.end(),
  });
}

async function askTogether<Row extends object>(
  ask: Ask,
  statements: readonly Written[],
  mode: string,
): Promise<Row[][]> {
  const answers = [
    ask<Row>(`begin ${mode}`),
    ...statements.map(({ texts, values }) => ask<Row>(toText(texts), values)),
    ask<Row>('commit'),
  ];
  // One that fails makes those behind it fail, and the transaction ends all the same: all have their answer first.
  await Promise.allSettled(answers);
  const all = await Promise.all(answers);
  return all.slice(1, -1).map(({ rows }) => rows);
}

async function* streamBatches<Row extends object>(
  ask: Ask,
  batchRows: number,
  { texts, values }: Written,
): AsyncGenerator<Row[]> {
  const fetchBatch = () => ask<Row>(`fetch ${batchRows} from streamed`);
  await ask('begin');
  await ask(`declare streamed no scroll cursor for ${toText(texts)}`, values);
  let batch = fetchBatch();
  for (;;) {
    const { rows } = await batch;
    if (rows.length < batchRows) {
      await ask('commit');
      if (rows.length > 0) yield rows;
      return;
    }
    // The server reads on while these are taken; what becomes of it is heard in the next turn.
    batch = fetchBatch();
    batch.catch(() => {});
    yield rows;
  }
}

async function runTransaction<T>(
  ask: Ask,
  work: (sql: Statement) => Promise<T>,
  mode: string,
): Promise<T> {
  let isOver = false;
  const statement: Statement = async <Row extends object>(
    texts: readonly string[],
    ...values: readonly SqlValue[]
  ) => {
    // Its connection may serve another by now.
    if (isOver) throw new Error('The transaction is over.');
    return (await ask<Row>(toText(texts), values)).rows;
  };
  await ask(`begin ${mode}`);
  const result = await work(statement).finally(() => {
    isOver = true;
  });
  const { command } = await ask('commit');
  if (command !== 'COMMIT') throw new Error('Rolled back, as a statement had failed.');
  return result;
}

function toText(texts: readonly string[]): string {
  return texts.reduce((soFar, text, index) => `${soFar}$${index}${text}`);
}
