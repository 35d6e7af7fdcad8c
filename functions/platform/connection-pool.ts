// Connections to lend, by tarn: opened as they are needed, up to a number; those that are idle too long are closed.
import { Pool, TimeoutError } from 'tarn';
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
  /** How long to wait for one: longer than opening it may take. */
  readonly waitTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** The process does not live for the pool's sake, and what was lost is not lent. */
class Connections extends Pool<Connection> {
  override _startReaping(): void {
    super._startReaping();
    this.interval?.unref();
  }

  override _hasFreeResources(): boolean {
    const lost = this.free.filter(({ resource }) => !resource.isOpen);
    for (const one of lost) one.settle();
    this.free = this.free.filter((one) => !lost.includes(one));
    return super._hasFreeResources();
  }
}

export function makePool(open: () => Promise<Connection>, options: PoolOptions): ConnectionPool {
  const pool = new Connections({
    create: async () => {
      const connection = await open();
      connection.keepProcess(false);
      return connection;
    },
    destroy: (connection) => {
      connection.keepProcess(true);
      return connection.close();
    },
    ...{ min: 0, max: options.connectionsMax, propagateCreateError: true },
    ...{ idleTimeoutMillis: options.idleTimeoutMs, acquireTimeoutMillis: options.waitTimeoutMs },
  });
  let hasEnded = false;
  return {
    async lend() {
      if (hasEnded) throw new Error('the client was ended');
      // Lambda stops the clock between events, and the pool's with it.
      pool.check();
      try {
        const connection = await pool.acquire().promise;
        connection.keepProcess(true);
        return connection;
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        throw new Error(`no connection came free within ${options.waitTimeoutMs} ms`);
      }
    },

    giveBack(connection) {
      connection.keepProcess(false);
      pool.release(connection);
    },

    async end() {
      hasEnded = true;
      await pool.destroy();
    },
  };
}
