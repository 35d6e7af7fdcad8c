// What a failure of the database means to its callers: gone, not migrated, or in conflict with another
// transaction. The driver's own errors stay the cause.
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

/** What the server itself said. */
export const ServerError = postgres.PostgresError;
// It calls itself by its class, whose name a bundle shortens.
Object.defineProperty(ServerError, 'name', { value: 'PostgresError' });

/** A failure that an operator can mend, in one line that says where to look. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
}

/** No connection, or one that was lost: whether a statement under way took effect is not known. */
export class ConnectionError extends DatabaseError {
  override readonly name = 'ConnectionError';
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_FUNCTION = '42883';
const UNDEFINED_COLUMN = '42703';
const NOT_MIGRATED = new Set([UNDEFINED_TABLE, UNDEFINED_FUNCTION, UNDEFINED_COLUMN]);

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
const CONFLICTS = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE]);
const CHECK_VIOLATION = '23514';

/** Lost (08), refused (28, no such database 3D000), no place left (53300), shutting down or starting up (57P0x). */
const NO_CONNECTION = /^(08...|28...|3D000|53300|57P0[123])$/;

/**
 * What the server refuses for now, by its code, in words that a client may read: a lock that it was not given, a
 * conflict with others or with recovery (40001), no disk, memory or other resource, a server that stops, only reads
 * by now (a standby) or cannot read its files.
 */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^(55P03|55006|40001|40P01)$/, 'The database is busy: others hold what this request needs.'],
  [/^53100$/, 'The database has no space left on its disk.'],
  [/^53200$/, 'The database is out of memory.'],
  [/^(53...|57P..|58...|25006)$/, 'The database is not available.'],
];

/** `undefined` for what is no refusal: coming again would change nothing. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ServerError)) return undefined;
  return REFUSALS.find(([code]) => code.test(error.code ?? ''))?.[1];
}

/** The error of a query as its caller should see it. `server` names host, port and database. */
export function explainError(error: unknown, server: string): unknown {
  const isAnswer = error instanceof ServerError && !NO_CONNECTION.test(error.code ?? '');
  if (!isAnswer) {
    const reason = reasonOf(error);
    return new ConnectionError(`No connection to PostgreSQL at ${server}: ${reason}`, {
      cause: error,
    });
  }
  if (NOT_MIGRATED.has(error.code ?? '')) {
    const reason = `its schema is missing or older than this code (${error.message})`;
    return new DatabaseError(`PostgreSQL at ${server}: ${reason}; run migrate-database.`, {
      cause: error,
    });
  }
  return error;
}

/** Node's error for a host of several addresses has no message of its own, but a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** Whether the server gave up a transaction for the sake of another: run again, it may well do. */
export function isConflict(error: unknown): boolean {
  return error instanceof ServerError && (CONFLICTS.has(error.code ?? '') || isMisrouted(error));
}

/**
 * A row was on its way to the default partition while another transaction gave its month a partition of
 * its own. A check that the schema declares has a name, the bounds of a partition have none.
 */
function isMisrouted({ code, constraint_name }: InstanceType<typeof ServerError>): boolean {
  return code === CHECK_VIOLATION && constraint_name === undefined;
}

const ATTEMPTS_MAX = 5;
const PAUSE_MS = 20;

/** Runs the work again after a conflict, a bounded number of times; other errors are thrown at once. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS_MAX) throw error;
      await sleep(PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}
