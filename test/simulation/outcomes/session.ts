// A session on the real server. Opening one costs more than all that a seed does with it, so a session
// whose client is gone is put back to its beginning, as the server would end it (what was not committed is
// undone, every lock released), and serves a later client that introduces itself in the same words.
import { connect, type Socket } from 'node:net';
import {
  BACKEND_KEY,
  MessageReader,
  processIdOf,
  query,
  READY,
  SYNC,
  type WireMessage,
} from './wire-messages.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface SessionUser {
  told(message: WireMessage): void;
  gone(): void;
}

const AUTHENTICATION = 'R';
/** Sync ends a request of which only the half was sent; an answer to each. */
const RESET = Buffer.concat([SYNC, query('rollback'), query('discard all')]);
const RESET_ANSWERS = 3;

export class Session {
  processId = 0;
  isGone = false;
  /** What the server said to the first client's introduction, from "authenticated" to "ready". */
  readonly welcome: WireMessage[] = [];
  readonly startup: string;
  readonly #socket: Socket;
  #user: SessionUser;
  #isReady = false;
  #toldReset: (() => void) | undefined;
  #resetAnswers = 0;

  constructor({ host, port }: ServerAddress, startup: Buffer, user: SessionUser) {
    this.startup = startup.toString('latin1');
    this.#user = user;
    this.#socket = connect({ host, port, noDelay: true });
    const reader = new MessageReader('server');
    this.#socket.on('data', (bytes) => {
      for (const message of reader.read(bytes)) this.#hear(message);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isGone = true;
      this.#toldReset?.();
      this.#user.gone();
    });
    this.#socket.write(startup);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** A further client, to whom the server says the same again. */
  serve(user: SessionUser): void {
    this.#user = user;
    for (const message of this.welcome) user.told(message);
  }

  /** Nothing of its client may be under way. */
  async reset(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resetAnswers = RESET_ANSWERS;
    this.#toldReset = resolve;
    this.#socket.write(RESET);
    await promise;
    this.#toldReset = undefined;
  }

  end(): void {
    this.#socket.destroy();
  }

  #hear(message: WireMessage): void {
    if (message.type === BACKEND_KEY) this.processId = processIdOf(message);
    if (this.#toldReset) {
      if (message.type === READY) this.#resetAnswers -= 1;
      if (this.#resetAnswers === 0) this.#toldReset();
      return;
    }
    if (!this.#isReady && !isChallenge(message)) this.welcome.push(message);
    if (message.type === READY) this.#isReady = true;
    this.#user.told(message);
  }
}

/** Of the answers to an introduction only "authenticated", type 0, is no question to the client. */
function isChallenge({ type, bytes }: WireMessage): boolean {
  return type === AUTHENTICATION && bytes.readInt32BE(5) !== 0;
}

/** The sessions of one database, those that wait for a client among them. */
export class Sessions {
  readonly #address: ServerAddress;
  readonly #free: Session[] = [];
  readonly #all = new Set<Session>();

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** @returns a session that is there already or, with its handshake before it, a new one. */
  open(startup: Buffer, user: SessionUser): Session {
    const text = startup.toString('latin1');
    const index = this.#free.findIndex((session) => session.startup === text && !session.isGone);
    const [session] = index < 0 ? [] : this.#free.splice(index, 1);
    if (session) return session;
    for (const one of this.#all) if (one.isGone) this.#all.delete(one);
    const fresh = new Session(this.#address, startup, user);
    this.#all.add(fresh);
    return fresh;
  }

  keep(session: Session): void {
    if (!session.isGone) this.#free.push(session);
  }

  end(): void {
    for (const session of this.#all) session.end();
  }
}
