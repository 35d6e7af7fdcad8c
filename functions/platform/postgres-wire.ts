// The way to the server: TCP, and TLS when asked for. What it opens is what postgres.js takes for its socket.
import { EventEmitter, once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** `verify-full` checks the server's certificate against Node's authorities (NODE_EXTRA_CA_CERTS). */
  readonly tls: 'disable' | 'require' | 'verify-full';
}

/** Length 8, code 80877103: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** 'X', length 4. */
const TERMINATE = Buffer.from([88, 0, 0, 0, 4]);
const KEEP_ALIVE_MS = 60_000;
const CLOSE_LIMIT_MS = 1_000;

/**
 * postgres.js is never told that its socket closed, as it fails then: what it writes after that is thrown
 * at nobody, and what it had yet to write stops it from ever writing again. Here such writes go nowhere;
 * that the connection is lost its owner learns from `onLost`, and makes a new one. See docs/decisions/0005.
 */
export class PostgresWire extends EventEmitter {
  readonly #socket: Socket;
  #lostBy: Error | undefined;
  #onLost: (reason: Error) => void = () => {};

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes) => this.emit('data', bytes));
    socket.on('drain', () => this.emit('drain'));
    socket.on('error', (error) => this.#lose(error));
    socket.on('close', () => this.#lose(new Error('the connection was closed')));
  }

  get isOpen(): boolean {
    return this.#lostBy === undefined;
  }

  /** Called once, at once if it has happened already. */
  onLost(tell: (reason: Error) => void): void {
    this.#onLost = tell;
    if (this.#lostBy) tell(this.#lostBy);
  }

  write(bytes: Uint8Array): boolean {
    return !this.isOpen || this.#socket.write(bytes);
  }

  destroy(reason = new Error('the client gave the connection up')): void {
    this.#lose(reason);
    this.#socket.destroy();
  }

  /** Takes leave of the server as far as it listens; done when the connection is closed. */
  async close(): Promise<void> {
    this.#lose(new Error('the client closed the connection'));
    if (this.#socket.destroyed) return;
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_LIMIT_MS);
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.end(TERMINATE);
    await closed;
    clearTimeout(timer);
  }

  /** Whether the process stays alive for it. */
  keepProcess(isNeeded: boolean): void {
    if (isNeeded) this.#socket.ref();
    else this.#socket.unref();
  }

  #lose(reason: Error): void {
    if (this.#lostBy) return;
    this.#lostBy = reason;
    this.#onLost(reason);
  }
}

/** @throws what the network said, or the reason of `signal` when it is aborted before the wire is open. */
export async function openWire(address: ServerAddress, signal: AbortSignal): Promise<PostgresWire> {
  const socket = connectTcp({
    ...{ host: address.host, port: address.port, noDelay: true },
    ...{ keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
  });
  // What it says is heard where it is waited for; at any other time it may not end the process.
  socket.on('error', () => {});
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await orClosed(socket, 'connect');
    return new PostgresWire(
      address.tls === 'disable' ? socket : await upgradeToTls(socket, address),
    );
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function upgradeToTls(socket: Socket, { host, tls }: ServerAddress): Promise<Socket> {
  socket.write(SSL_REQUEST);
  const [answer] = await orClosed(socket, 'data');
  // One byte: more would be something that somebody slipped in ahead of the encryption.
  if (String(answer) !== 'S') throw new Error('the server offers no TLS, which DB_SSL asks for');
  const secure = connectTls({
    ...{ socket, host, rejectUnauthorized: tls === 'verify-full' },
    ...(isIP(host) === 0 && { servername: host }),
  });
  secure.on('error', () => {});
  await orClosed(secure, 'secureConnect', socket);
  return secure;
}

/** The event; an error of the socket or its end before that is thrown. */
async function orClosed(socket: Socket, event: string, below = socket): Promise<unknown[]> {
  const stop = new AbortController();
  let reason: Error | undefined;
  const keep = (error: Error) => {
    reason = error;
  };
  const close = () => stop.abort();
  below.once('error', keep).once('close', close);
  try {
    return await once(socket, event, { signal: stop.signal });
  } catch (error) {
    throw stop.signal.aborted ? (reason ?? new Error('the server closed the connection')) : error;
  } finally {
    below.off('error', keep).off('close', close);
  }
}
