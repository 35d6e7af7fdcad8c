// Kysely over the functions' own client: what its migrator needs of a driver.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Session, Sql, SqlValue } from '../../platform/sql-client.ts';

class SessionConnection implements DatabaseConnection {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
    const rows = await this.session.unsafe<object>(sql, parameters as readonly SqlValue[]);
    return { rows: rows as Row[] };
  }

  streamQuery(): never {
    throw new Error('Migrations do not stream.');
  }
}

function makeDriver(sql: Sql): Driver {
  const send = (text: string) => (connection: DatabaseConnection) =>
    sessionOf(connection)
      .unsafe(text)
      .then(() => {});
  return {
    init: async () => {},
    acquireConnection: async () => new SessionConnection(await sql.session()),
    beginTransaction: send('begin'),
    commitTransaction: send('commit'),
    rollbackTransaction: send('rollback'),
    releaseConnection: async (connection) => sessionOf(connection).release(),
    destroy: async () => {},
  };
}

function sessionOf(connection: DatabaseConnection): Session {
  if (connection instanceof SessionConnection) return connection.session;
  throw new TypeError('Not a connection of this driver.');
}

export function makeKyselyDialect(sql: Sql): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => makeDriver(sql),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
