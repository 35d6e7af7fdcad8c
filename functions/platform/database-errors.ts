// What a failure of the database means to its callers: gone, not migrated, or in conflict with another
// transaction. The driver's own errors stay the cause.
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError as ServerError } from 'pg';

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

const ADMIN_SHUTDOWN = '57P01';
const CRASH_SHUTDOWN = '57P02';
const CANNOT_CONNECT_NOW = '57P03';
const TOO_MANY_CONNECTIONS = '53300';
const NOT_NOW = new Set([ADMIN_SHUTDOWN, CRASH_SHUTDOWN, CANNOT_CONNECT_NOW, TOO_MANY_CONNECTIONS]);

/** The error of a query as its caller should see it. `server` names host, port and database. */
export function explainError(error: unknown, server: string): unknown {
  const isAnswer = error instanceof ServerError && !NOT_NOW.has(error.code ?? '');
  if (!isAnswer) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
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

/** Whether the server gave up a transaction for the sake of another: run again, it may well do. */
export function isConflict(error: unknown): boolean {
  return error instanceof ServerError && CONFLICTS.has(error.code ?? '');
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
