// Debezium: sends what the database committed, in the order of commits; takes snapshots of rows that
// live on; starts again after a kill a while before where it was. What really happens is in
// test/fixtures/captures/README.md, "What Debezium really sent".
import type { Random } from '../../support/random.ts';
import {
  type Encoding,
  type Event,
  encodeEvent,
  encodeKey,
  nameOfRow,
  tellsLsn,
} from './encoding.ts';
import { type Change, isStoredApart, type Row, type Source, TABLES } from './source.ts';
import type { Fate, Topics } from './topics.ts';

const RESENT_MAX = 12;
/** A large table is read for a while; what commits meanwhile looks older by its clock. */
const READING_MS = 10_000;

interface SentRow {
  readonly id: bigint;
  readonly row: Row;
}

export class Connector {
  /** Rows that no reader of the records can know: created with a column that was not sent. */
  readonly unknownRows = new Set<string>();
  readonly counts = { resent: 0, snapshotReads: 0 };
  readonly #random: Random;
  readonly #source: Source;
  readonly #topics: Topics;
  readonly #encoding: Encoding;
  /** Rows as of the last change that was sent, by their keys. */
  readonly #sentRows = new Map<string, SentRow>();
  #snapshot: Event[] = [];
  /** Where in the source's log it is, how far it ever was, and where it may not go back behind. */
  #at = 0;
  #furthest = 0;
  #oldest = 0;

  constructor(random: Random, source: Source, topics: Topics, encoding: Encoding) {
    this.#random = random;
    this.#source = source;
    this.#topics = topics;
    this.#encoding = encoding;
  }

  get isDone(): boolean {
    return this.#snapshot.length === 0 && this.#at === this.#source.log.length;
  }

  /** Sends one event, if there is one. */
  step(): void {
    const read = this.#snapshot.shift();
    if (read) this.#send(read, 'readable', this.#at);
    else this.#sendChange();
  }

  #sendChange(): void {
    const change = this.#source.log[this.#at];
    if (!change) return;
    this.#at += 1;
    this.#stream(change, this.#at <= this.#furthest);
    this.#furthest = Math.max(this.#furthest, this.#at);
  }

  drain(): void {
    while (!this.isDone) this.step();
  }

  /** To the end of what it has begun to send again. */
  catchUp(): void {
    while (this.#at < this.#furthest) this.#sendChange();
  }

  /** Killed and started again: what it had not noted as sent comes once more. */
  restart(): void {
    const back = Math.min(this.#at - this.#oldest, this.#random.below(RESENT_MAX));
    if (this.#snapshot.length === 0) this.#at -= back;
  }

  /** It has noted all that it sent: as before the log goes on at another server, or after quiet days. */
  noteProgress(): void {
    this.#oldest = this.#at;
  }

  /** The last changes once more, where nothing but their LSN tells that they were sent, and no snapshot before. */
  sendAgain(): boolean {
    if (!tellsLsn(this.#encoding) || this.counts.snapshotReads > 0) return false;
    const stretch = this.#source.log.slice(this.#oldest).slice(-RESENT_MAX);
    for (const change of stretch) this.#stream(change, true);
    return stretch.length > 0;
  }

  /** All rows as they are now, of one moment, while transactions may be open. */
  snapshot(nowMs: number): void {
    this.#at = this.#source.log.length;
    this.#furthest = this.#at;
    this.#oldest = this.#at;
    const origin = { lsn: this.#source.lsn, committedMs: nowMs + READING_MS, snapshot: 'true' };
    this.#snapshot = TABLES.flatMap((table) =>
      [...this.#source.rows[table]].map(([id, row]) => toRead(id, row, origin)),
    );
    this.#sentRows.clear();
    for (const { id, after } of this.#snapshot) {
      if (after) this.#sentRows.set(this.#nameOf(id, after), { id, row: after });
    }
  }

  /** A chunk of rows read again in the midst of the stream: without an LSN, as of where the stream is. */
  readChunk(nowMs: number): void {
    if (this.#snapshot.length > 0 || this.#at < this.#furthest) return;
    const origin = { lsn: null, committedMs: nowMs, snapshot: 'incremental' };
    for (const { id, row } of this.#sentRows.values()) {
      if (this.#random.chance(0.5)) continue;
      this.#send(toRead(id, row, origin), 'readable', this.#at);
    }
  }

  #nameOf(id: bigint, row: Row): string {
    return nameOfRow(id, row, this.#encoding);
  }

  #stream(change: Change, isResent: boolean): void {
    const { op, table, id, before, after, otherId, lsn, committedMs } = change;
    const name = this.#nameOf(id, rowOf(change));
    // Only the row with its old key holds the value: under the new one it was never sent.
    const came = op === 'c' && otherId !== undefined;
    const isStatusUnavailable =
      !this.#encoding.isIdentityFull &&
      isStoredApart(after) &&
      ((came && this.#isKeptFrom(change)) || (op === 'u' && statusOf(before) === statusOf(after)));
    const origin = { lsn, committedMs, snapshot: 'false' };
    const fate = this.#fateOf(name, op, isStatusUnavailable, isResent);
    this.#send({ op, table, id, before, after, isStatusUnavailable, origin }, fate, change.order);
    if (isResent) this.counts.resent += 1;
    else if (after) this.#sentRows.set(name, { id, row: after });
    else this.#sentRows.delete(name);
  }

  /** Whether the row had this very status under its old key. */
  #isKeptFrom({ table, otherId, after, lsn }: Change): boolean {
    const left = this.#source.log.find(
      (one) => one.op === 'd' && one.table === table && one.id === otherId && one.lsn === lsn,
    );
    return statusOf(left?.before) === statusOf(after);
  }

  #fateOf(name: string, op: Change['op'], isUnavailable: boolean, isResent: boolean): Fate {
    if (isResent) return isUnavailable ? 'either' : 'readable';
    if (op === 'd' || !isUnavailable) this.unknownRows.delete(name);
    else if (op === 'c') this.unknownRows.add(name);
    return isUnavailable && this.unknownRows.has(name) ? 'poison' : 'readable';
  }

  /** @param order how far the source was */
  #send(event: Event, fate: Fate, order: number): void {
    const { op, id, after, isStatusUnavailable } = event;
    const row = rowOf(event);
    const key = encodeKey(id, row, this.#encoding);
    const name = this.#nameOf(id, row);
    const isOrdered = op !== 'r' && tellsLsn(this.#encoding);
    const truth = { name, row: after, order, isOrdered, isStatusUnavailable };
    for (const value of encodeEvent(event, this.#encoding)) {
      this.#topics.append(event.table, { key, value, fate, truth });
    }
    if (op !== 'r') return;
    this.counts.snapshotReads += 1;
    // Sent again, the row's delete would take away what this read alone has told, and no event would tell it anew.
    if (this.unknownRows.delete(name)) this.#oldest = this.#at;
  }
}

function rowOf({ before, after }: Pick<Event, 'before' | 'after'>): Row {
  const row = after ?? before;
  if (!row) throw new Error('A change has a row before or after it.');
  return row;
}

function statusOf(row: Row | undefined): string | null {
  return row?.table === 'orders' ? row.values.status : null;
}

function toRead(id: bigint, after: Row, origin: Event['origin']): Event {
  const { table } = after;
  return { op: 'r', table, id, before: undefined, after, isStatusUnavailable: false, origin };
}
