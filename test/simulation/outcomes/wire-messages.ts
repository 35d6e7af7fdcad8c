// PostgreSQL's protocol as far as the simulation must know it: where a message ends, where a client waits
// for an answer, and where that answer ends.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

export interface WireMessage {
  /** The letter of its type; empty for the first message of a client, which has none. */
  readonly type: string;
  readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;

/** Cuts what arrives in pieces of any size into whole messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #typeBytes: number;

  constructor(sender: 'client' | 'server') {
    this.#typeBytes = sender === 'client' ? 0 : 1;
  }

  read(bytes: Buffer): WireMessage[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: WireMessage[] = [];
    for (let end = this.#end(); end <= this.#rest.length; end = this.#end()) {
      const type = this.#rest.toString('latin1', 0, this.#typeBytes);
      messages.push({ type, bytes: this.#rest.subarray(0, end) });
      this.#rest = this.#rest.subarray(end);
      this.#typeBytes = 1;
    }
    return messages;
  }

  #end(): number {
    const start = this.#typeBytes;
    if (this.#rest.length < start + LENGTH_BYTES) return Number.POSITIVE_INFINITY;
    return start + this.#rest.readInt32BE(start);
  }
}

export const TERMINATE = 'X';
export const BACKEND_KEY = 'K';
export const READY = 'Z';

export const SYNC = Buffer.from([83, 0, 0, 0, 4]);

export function query(sql: string): Buffer {
  const bytes = Buffer.from(`Q....${sql}\0`);
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
}

/** Query, Sync and Flush: after them the client waits. */
export function endsRequest({ type }: WireMessage): boolean {
  return type === 'Q' || type === 'S' || type === 'H';
}

/** After Flush, which follows Parse and Describe, the rows' form or an error; else ReadyForQuery. */
export function endsAnswer({ type }: WireMessage, requestEnd: string): boolean {
  return requestEnd === 'H' ? ['T', 'n', 'E'].includes(type) : type === READY;
}

/** What the client has the server do, by its messages; it remembers the statements that are kept prepared. */
export class StatementReader {
  readonly #kept = new Map<string, string>();
  #parsed: string | undefined;

  /** The SQL of Query and Parse, and of a Bind to a statement from before; empty for requests without. */
  sqlOf([first]: readonly WireMessage[]): string {
    if (first?.type === 'Q') return first.bytes.toString('utf8', 5, first.bytes.length - 1);
    if (first?.type === 'P') {
      const [name = '', sql = ''] = textsOf(first);
      this.#parsed = name;
      this.#kept.set(name, sql);
      return sql;
    }
    if (first?.type !== 'B') return '';
    const [, name = ''] = textsOf(first);
    const isOfThisParse = this.#parsed === name;
    this.#parsed = undefined;
    return isOfThisParse ? '' : (this.#kept.get(name) ?? '');
  }
}

/** The two texts that Parse (name, SQL) and Bind (portal, name) begin with. */
function textsOf({ bytes }: WireMessage): string[] {
  const firstEnd = bytes.indexOf(0, 5);
  const secondEnd = bytes.indexOf(0, firstEnd + 1);
  return [bytes.toString('utf8', 5, firstEnd), bytes.toString('utf8', firstEnd + 1, secondEnd)];
}

export function processIdOf({ bytes }: WireMessage): number {
  return bytes.readInt32BE(5);
}

/** What ReadyForQuery says beside: idle, in a transaction, or in one that failed. */
export function isInTransaction({ bytes }: WireMessage): boolean {
  return bytes.toString('latin1', 5) !== 'I';
}
