// The server's side of all links of a seed: what it is at work on, and who of them waits for a lock. One
// statement runs at a time, unless it waits: then others go on, or nobody would ever release the lock.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../../functions/platform/sql-client.ts';
import type { Link, Request } from './link.ts';
import type { Sessions } from './session.ts';

/** Nearly every statement is answered by then; asking who waits for a lock costs more than waiting. */
const PATIENCE_MS = 4;
const PATIENCE_MAX_MS = 32;
const GONE_POLL_MS = 1;

export class Backends {
  readonly #control: Sql;
  readonly #sessions: Sessions;
  readonly #givesUp: (sql: string) => boolean;
  readonly #links = new Set<Link>();
  readonly #busy = new Set<Link>();
  #tellAnswered = () => {};
  #isToBeAsked = false;

  /** `givesUp`: which statements stop waiting for a lock by themselves, soon enough to wait for that. */
  constructor(control: Sql, sessions: Sessions, givesUp: (sql: string) => boolean) {
    this.#givesUp = givesUp;
    this.#control = control;
    this.#sessions = sessions;
  }

  /** There is an answer to give, or something to wait for. */
  get hasNews(): boolean {
    return this.#isToBeAsked || this.busy.some((link) => link.isAnswered);
  }

  get busy(): readonly Link[] {
    return [...this.#busy];
  }

  /**
   * Of several that wait for one row the server wakes all, and whichever is fastest goes first. So that a
   * seed replays, nobody begins an upsert while another is in the midst of the same one; who has begun
   * may always go on, as others may wait for that. Waiting for a table has an order.
   */
  mayBegin({ sql }: Request): boolean {
    if (!sql.includes('on conflict')) return true;
    return ![...this.#links].some((link) => link.hasServer && link.begun === sql);
  }

  open(link: Link): void {
    this.#links.add(link);
    this.#begin(link);
    link.open(this.#sessions);
  }

  send(link: Link, request: Request): void {
    this.#begin(link);
    link.send(request);
  }

  answered(): void {
    this.#isToBeAsked = true;
    this.#tellAnswered();
  }

  /** The links whose answers are there, in the order in which they asked. */
  takeAnswered(): Link[] {
    const answered = this.busy.filter((link) => link.isAnswered);
    for (const link of answered) this.#busy.delete(link);
    return answered;
  }

  /** The server learns that the client is gone; done when it has undone what was not committed. */
  async close(link: Link): Promise<void> {
    if (this.#busy.has(link)) await this.terminate(link);
    else await link.loseServer();
    this.#isToBeAsked = true;
  }

  /** As an operator or a failover does it: the server says goodbye. */
  async terminate(link: Link): Promise<void> {
    if (!link.hasServer) return;
    const { processId } = link;
    await this.#control.unsafe(`select pg_terminate_backend(${processId})`);
    const alive = `select from pg_stat_activity where pid = ${processId}`;
    while ((await this.#control.unsafe(alive)).length > 0 || link.hasServer) {
      await sleep(GONE_POLL_MS);
    }
    this.#isToBeAsked = true;
  }

  /** Done when every statement is answered or waits for a lock that another transaction holds. */
  async quiet(): Promise<void> {
    let patience = PATIENCE_MS;
    while (this.#isToBeAsked) {
      const running = this.busy.filter((link) => !link.isAnswered);
      if (running.length === 0 || (await this.#areBlocked(running, patience))) {
        this.#isToBeAsked = false;
        return;
      }
      patience = Math.min(2 * patience, PATIENCE_MAX_MS);
    }
  }

  /** For a moment in which all wait for each other: the server's deadlock detector will end it. */
  async nextAnswer(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#tellAnswered = resolve;
    });
  }

  #begin(link: Link): void {
    this.#busy.add(link);
    this.#isToBeAsked = true;
  }

  /** False when one was answered meanwhile, or one runs still. */
  async #areBlocked(running: readonly Link[], patienceMs: number): Promise<boolean> {
    const isNew = running.some((link) => !link.isBlocked);
    if (isNew && (await this.#isAnswerWithin(patienceMs))) return false;
    const answeredBefore = this.busy.filter((link) => link.isAnswered).length;
    const ids = running.map(({ processId }) => processId).join();
    const blocked = await this.#control.unsafe<{ pid: string }>(
      `select pid::text from unnest(array[${ids}]) as pid where cardinality(pg_blocking_pids(pid)) > 0`,
    );
    const pids = new Set(blocked.map(({ pid }) => Number(pid)));
    for (const link of running)
      link.isBlocked = pids.has(link.processId) && !this.#givesUp(link.sql);
    const isSame = this.busy.filter((link) => link.isAnswered).length === answeredBefore;
    return isSame && running.every((link) => link.isBlocked);
  }

  #isAnswerWithin(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), milliseconds);
      this.#tellAnswered = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
