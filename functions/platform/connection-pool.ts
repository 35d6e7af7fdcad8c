// Connections to lend: opened as they are needed, up to a number; those that are idle too long are closed.
import type { Connection } from './postgres-connection.ts';

export interface ConnectionPool {
  /** The caller's alone until it is given back. */
  lend(): Promise<Connection>;
  giveBack(connection: Connection): void;
  /** Lends no more; done when all are given back and closed. */
  end(): Promise<void>;
}

export interface PoolOptions {
  readonly connectionsMax: number;
  /** How long to wait for one that is given back. */
  readonly waitTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
}

export function makePool(open: () => Promise<Connection>, options: PoolOptions): ConnectionPool {
  const turns = makeTurns(options.connectionsMax, options.waitTimeoutMs);
  const idle = new Map<Connection, Idle>();
  const closing = new Set<Promise<void>>();
  let hasEnded = false;

  function keepIdle(connection: Connection): void {
    const timer = setTimeout(() => close(connection), options.idleTimeoutMs).unref();
    idle.set(connection, { connection, since: Date.now(), timer });
    connection.keepProcess(false);
    connection.onLost(() => forget(connection));
  }

  function forget(connection: Connection): void {
    clearTimeout(idle.get(connection)?.timer);
    idle.delete(connection);
  }

  function close(connection: Connection): void {
    forget(connection);
    connection.keepProcess(true);
    const done = connection.close().finally(() => closing.delete(done));
    closing.add(done);
  }

  /** The last used. Lambda stops the clock between events and timers with it, so age counts here too. */
  function takeIdle(): Connection | undefined {
    for (const { connection, since } of [...idle.values()].reverse()) {
      if (Date.now() - since < options.idleTimeoutMs) {
        forget(connection);
        connection.keepProcess(true);
        return connection;
      }
      close(connection);
    }
    return undefined;
  }

  return {
    async lend() {
      if (hasEnded) throw new Error('the client was ended');
      await turns.take();
      try {
        return takeIdle() ?? (await open());
      } catch (error) {
        turns.pass();
        throw error;
      }
    },

    giveBack(connection) {
      if (connection.isOpen) (hasEnded ? close : keepIdle)(connection);
      turns.pass();
    },

    async end() {
      hasEnded = true;
      for (const connection of [...idle.keys()]) close(connection);
      await turns.allPassed();
      await Promise.all(closing);
    },
  };
}

interface Turns {
  take(): Promise<void>;
  pass(): void;
  allPassed(): Promise<void>;
}

/** So many at a time, the others in the order they came. */
function makeTurns(max: number, waitTimeoutMs: number): Turns {
  const waiting: (() => void)[] = [];
  let taken = 0;
  let tellAllPassed = () => {};

  return {
    async take() {
      if (taken < max) {
        taken += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(new Error(`no connection came free within ${waitTimeoutMs} ms`));
        };
        const timer = setTimeout(giveUp, waitTimeoutMs);
        const go = () => {
          clearTimeout(timer);
          resolve();
        };
        waiting.push(go);
      });
    },

    pass() {
      const next = waiting.shift();
      if (next) next();
      else taken -= 1;
      if (taken === 0) tellAllPassed();
    },

    allPassed: () =>
      new Promise((resolve) => {
        tellAllPassed = resolve;
        if (taken === 0) resolve();
      }),
  };
}
