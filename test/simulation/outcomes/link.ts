// One connection of a sandbox to PostgreSQL. Both of its ends may be lost, each at its own time: a client
// may be gone while the server still works for it, as in any network.
import { Duplex } from 'node:stream';
import type { Session, Sessions, SessionUser } from './session.ts';
import {
  endsAnswer,
  endsRequest,
  isInTransaction,
  MessageReader,
  READY,
  StatementReader,
  TERMINATE,
  type WireMessage,
} from './wire-messages.ts';

/** What the client sent at once and waits for the answer of. */
export interface Request {
  readonly sql: string;
  readonly end: string;
  readonly bytes: Buffer;
}

export interface LinkOwner {
  /** Something came from the client. */
  heard(): void;
  asked(link: Link, request: Request): void;
  /** The answer is complete, or the server is gone. */
  answered(link: Link): void;
  clientLeft(link: Link): void;
  /** The moment for the answer to reach the client has come. */
  deliver(link: Link): void;
}

export class Link implements SessionUser {
  readonly owner: LinkOwner;
  /** What the product takes for its socket. */
  readonly socket: ClientSocket;
  /** The statement that the server was asked last, and the one that it has begun and not ended. */
  sql = '';
  begun = '';
  /** A request is with the server, or its answer is here and not yet with the client. */
  isBusy = false;
  isAnswered = false;
  /** Its last known state, from `pg_blocking_pids`. */
  isBlocked = false;
  /** By what the server said last. */
  isInTransaction = false;
  readonly #fromClient = new MessageReader('client');
  readonly #statements = new StatementReader();
  #sessions: Sessions | undefined;
  #session: Session | undefined;
  #asking: WireMessage[] = [];
  #answer: Buffer[] = [];
  #requestEnd = '';
  #isOpen = false;
  /** Sent behind a request that has no answer yet: the server takes them in turn. */
  readonly #behind: Request[] = [];
  #isAsking = false;

  constructor(owner: LinkOwner) {
    this.owner = owner;
    this.socket = new ClientSocket((bytes) => this.#take(bytes));
    this.socket.once('close', () => owner.clientLeft(this));
  }

  get isClientGone(): boolean {
    return this.socket.destroyed;
  }

  get hasServer(): boolean {
    return this.#session !== undefined && !this.#session.isGone;
  }

  get processId(): number {
    return this.#session?.processId ?? 0;
  }

  /** The client's introduction goes through unhindered; busy until the server is ready. */
  open(sessions: Sessions): void {
    this.#sessions = sessions;
    this.isBusy = true;
    this.socket.emit('connect');
  }

  send({ bytes, end, sql }: Request): void {
    if (sql !== '') {
      this.sql = sql;
      this.begun = sql;
    }
    this.isBusy = true;
    this.isAnswered = !this.hasServer;
    this.isBlocked = false;
    this.#requestEnd = end;
    this.#session?.write(bytes);
  }

  /** Hands the answer over; a server that is gone is gone for the client, too. */
  deliver(): void {
    const bytes = this.takeAnswer();
    if (this.isClientGone) return;
    if (bytes.length > 0) this.socket.push(bytes);
    if (!this.hasServer) this.socket.push(null);
    else this.#askNext();
  }

  takeAnswer(): Buffer {
    const bytes = Buffer.concat(this.#answer);
    this.#answer = [];
    this.isBusy = false;
    this.isAnswered = false;
    return bytes;
  }

  /** The client's end: at once, and as a reset or as an end. */
  loseClient(isReset: boolean): void {
    if (isReset) this.socket.destroy(new Error('read ECONNRESET (simulated)'));
    else this.socket.destroy();
  }

  /** The server's end, which may not be at work: it undoes what it has not committed. */
  async loseServer(): Promise<void> {
    const session = this.#session;
    if (!session || session.isGone) return;
    this.#session = undefined;
    await session.reset();
    this.#sessions?.keep(session);
  }

  told(message: WireMessage): void {
    if (!this.#isOpen) {
      this.#welcome(message);
      return;
    }
    if (message.type === READY) {
      this.isInTransaction = isInTransaction(message);
      this.begun = '';
    }
    this.#answer.push(message.bytes);
    if (this.isBusy && endsAnswer(message, this.#requestEnd)) this.#settle();
  }

  gone(): void {
    this.#settle();
  }

  #take(bytes: Buffer): void {
    this.owner.heard();
    for (const message of this.#fromClient.read(bytes)) {
      if (message.type === TERMINATE) this.#takeLeave();
      else if (!this.#session) this.#introduce(message);
      else if (!this.#isOpen) this.#session.write(message.bytes);
      else this.#ask(message);
    }
  }

  #introduce({ bytes }: WireMessage): void {
    const session = this.#sessions?.open(bytes, this);
    this.#session = session;
    // Never within the client's own write, as on no socket.
    if (session && session.welcome.length > 0) setImmediate(() => session.serve(this));
  }

  /** The server hangs up, when it is told. */
  #takeLeave(): void {
    this.loseServer().then(() => this.#settle());
  }

  #ask(message: WireMessage): void {
    this.#asking.push(message);
    if (!endsRequest(message)) return;
    const request = this.#asking;
    this.#asking = [];
    const bytes = Buffer.concat(request.map((one) => one.bytes));
    this.#behind.push({ sql: this.#statements.sqlOf(request), end: message.type, bytes });
    if (!this.#isAsking) this.#askNext();
  }

  #askNext(): void {
    const next = this.#behind.shift();
    this.#isAsking = next !== undefined;
    if (next) this.owner.asked(this, next);
  }

  #welcome(message: WireMessage): void {
    if (!this.isClientGone) this.socket.push(message.bytes);
    if (message.type !== READY) return;
    this.#isOpen = true;
    this.#settle();
  }

  #settle(): void {
    if (this.isBusy) this.isAnswered = true;
    this.owner.answered(this);
  }
}

/** As much of a TCP socket as a client of PostgreSQL uses. */
export class ClientSocket extends Duplex {
  readonly #send: (bytes: Buffer) => void;

  constructor(send: (bytes: Buffer) => void) {
    super({ allowHalfOpen: false });
    this.#send = send;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#send(bytes);
    done();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
