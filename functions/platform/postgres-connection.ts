// One connection to PostgreSQL: postgres.js speaks the protocol, with one connection to a client. What it
// is asked settles whatever becomes of the connection, and a connection that was lost is never used again.
import postgres from 'postgres';
import type { Credentials } from './database-login.ts';
import { openWire, type PostgresWire, type ServerAddress } from './postgres-wire.ts';

export type SqlValue = string | number | boolean | null | readonly string[];

export interface Answer<Row> {
  readonly rows: Row[];
  /** Of the command that was done, as the server calls it: COMMIT. */
  readonly command: string;
}

export interface ConnectionOptions extends ServerAddress {
  readonly database: string;
  readonly credentials: () => Promise<Credentials>;
  /** The server's settings for the session. */
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly connectTimeoutMs: number;
  /** A statement that has no answer by then: its connection is given up. */
  readonly answerTimeoutMs: number;
  /** Whether the server may keep statements prepared: behind a proxy that would pin the session. */
  readonly keepsStatements?: boolean;
}

export interface Connection {
  readonly isOpen: boolean;
  readonly keepsStatements: boolean;
  ask<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Answer<Row>>;
  /** At once; what is under way fails with the reason. */
  destroy(reason?: Error): void;
  close(): Promise<void>;
  keepProcess(isNeeded: boolean): void;
}

type Client = postgres.Sql<Record<string, unknown>>;

const BOOLEAN = 16;
const JSON_TYPES = [114, 3802];
/** bytea, float4, float8, date, timestamp, timestamptz: postgres.js would make less exact things of them. */
const TEXT_TYPES = [17, 700, 701, 1082, 1114, 1184];
/** Prepared statements of one connection; each takes the server's memory. Texts beyond are sent whole each time. */
const KEPT_STATEMENTS_MAX = 100;
const asIs = (text: string) => text;

/** Of every type the server's text, but for the few that JavaScript holds exactly; parameters are text. */
const EXACT_TYPES = {
  text: { to: 25, from: TEXT_TYPES, serialize: asIs, parse: asIs },
  json: { to: 114, from: JSON_TYPES, serialize: asIs, parse: (text: string) => JSON.parse(text) },
  boolean: { to: BOOLEAN, from: [BOOLEAN], serialize: asIs, parse: (text: string) => text === 't' },
};

export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`not connected within ${options.connectTimeoutMs} ms`)),
    options.connectTimeoutMs,
  );
  try {
    const credentials = await orAborted(late.signal, options.credentials());
    const wire = await openWire(options, late.signal);
    const connection = makeConnection(wire, options, credentials);
    const giveUp = () => connection.destroy(late.signal.reason);
    late.signal.addEventListener('abort', giveUp, { once: true });
    try {
      await connection.ask('select');
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
}

function makeConnection(
  wire: PostgresWire,
  options: ConnectionOptions,
  credentials: Credentials,
): Connection {
  const client = makeClient(wire, options, credentials);
  const waiting = new Set<(reason: Error) => void>();
  const kept = new Set<string>();
  const isKept = (text: string) => {
    if (options.keepsStatements !== true) return false;
    if (kept.has(text)) return true;
    if (kept.size === KEPT_STATEMENTS_MAX) return false;
    kept.add(text);
    return true;
  };
  wire.onLost((reason) => {
    for (const fail of waiting) fail(reason);
  });

  async function ask<Row extends object>(
    text: string,
    values: readonly SqlValue[] = [],
  ): Promise<Answer<Row>> {
    if (!wire.isOpen) throw new Error('the connection was lost');
    const { promise, resolve, reject } = Promise.withResolvers<postgres.RowList<Row[]>>();
    const timer = setTimeout(
      () => wire.destroy(new Error(`no answer within ${options.answerTimeoutMs} ms`)),
      options.answerTimeoutMs,
    );
    waiting.add(reject);
    try {
      const prepare = values.length > 0 && isKept(text);
      client.unsafe<Row[]>(text, values.map(toText) as string[], { prepare }).then(resolve, reject);
      const result = await promise;
      return { rows: [...result], command: result.command };
    } finally {
      clearTimeout(timer);
      waiting.delete(reject);
    }
  }

  return {
    get isOpen() {
      return wire.isOpen;
    },
    keepsStatements: options.keepsStatements === true,
    ask,
    destroy: (reason) => wire.destroy(reason),
    close: () => wire.close(),
    keepProcess: (isNeeded) => wire.keepProcess(isNeeded),
  };
}

/** What postgres.js would do on its own (pool, reconnect, timers, TLS, asking for types) is off. */
function makeClient(
  wire: PostgresWire,
  options: ConnectionOptions,
  { user, password }: Credentials,
): Client {
  const { host, port, database, parameters } = options;
  return postgres({
    ...{ host, port, database, user, password, ssl: false, max: 1 },
    ...{ connect_timeout: 0, idle_timeout: 0, max_lifetime: null, keep_alive: 0 },
    ...{ fetch_types: false, types: EXACT_TYPES, onnotice: () => {} },
    connection: parameters,
    // Not in its types: https://github.com/porsager/postgres#connection-details
    ...{ socket: () => wire },
  } as postgres.Options<Record<string, postgres.PostgresType>>) as Client;
}

function toText(value: SqlValue): string | null {
  if (value === null) return null;
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((text) => `"${String(text).replaceAll(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}

async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fail = () => reject(signal.reason);
  signal.addEventListener('abort', fail, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', fail);
  }
}
