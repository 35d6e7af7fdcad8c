// One Lambda sandbox: its connections, its pauses and its way to S3. It lives through several invocations,
// until it crashes; what it had under way then may still reach the stores, late.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Backends } from './backends.ts';
import type { Disturbance, Fate } from './disturbance.ts';
import type { SimulatedHost } from './host-seam.ts';
import { type ClientSocket, Link, type LinkOwner, type Request } from './link.ts';
import type { Objects } from './objects.ts';
import type { Turn, Turns } from './turns.ts';

export interface Course {
  readonly turns: Turns;
  readonly backends: Backends;
  readonly disturbance: Disturbance;
  readonly objects: Objects;
}

const LATE = 0.3;

/** Who asks for a connection or a pause: the sandbox whose work it is. */
const working = new AsyncLocalStorage<Sandbox>();

export function workingSandbox(): Sandbox {
  const sandbox = working.getStore();
  if (!sandbox) throw new Error('Only code that a sandbox runs has a host.');
  return sandbox;
}

interface Offered {
  /** What may still happen when the sandbox is gone. */
  readonly late?: () => void;
  readonly isFree?: () => boolean;
}

interface Waiting extends Offered {
  readonly turn: Turn;
}

export class Sandbox implements SimulatedHost, LinkOwner {
  readonly name: string;
  /** How often something of it was disturbed. */
  hits = 0;
  isDead = false;
  /** Its invocation was given up: it is not used again. */
  isAbandoned = false;
  /** Nobody else's statement was with the server while its last one was. */
  wasAlone = true;
  readonly #course: Course;
  readonly #waiting = new Set<Waiting>();
  readonly #links = new Set<Link>();
  readonly #asking = new Map<Link, Waiting>();
  readonly #fates = new Map<Link, Fate>();
  readonly #late = new Map<Link, Request>();
  #tellLost: (reason: Error) => void = () => {};

  constructor(name: string, course: Course) {
    this.name = name;
    this.#course = course;
  }

  /** Between invocations it must not. */
  get holdsTransaction(): boolean {
    return [...this.#links].some((link) => !link.isClientGone && link.isInTransaction);
  }

  /** The outcome of an invocation, as its caller sees it. */
  async invoke<T>(work: () => Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#tellLost = reject;
    return Promise.race([working.run(this, work), promise]);
  }

  connect(): ClientSocket {
    const link = new Link(this);
    if (this.isDead) {
      link.loseClient(true);
      return link.socket;
    }
    this.#links.add(link);
    this.#offer('connects', () => {
      if (!this.#course.disturbance.isRefused()) return this.#course.backends.open(link);
      this.hits += 1;
      link.loseClient(true);
    });
    return link.socket;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#offer('wakes', resolve);
    });
  }

  readonly s3 = {
    send: ({ input }: { readonly input: PutObjectCommandInput }) => this.#put(input),
  } as unknown as S3Client;

  heard(): void {
    this.#course.turns.signOfLife();
  }

  asked(link: Link, request: Request): void {
    const what = request.sql.replaceAll(/\s+/g, ' ').trim().slice(0, 40) || 'executes';
    const late = () => this.#late.set(link, request);
    const isFree = () => this.#course.backends.mayBegin(request);
    this.#asking.set(
      link,
      this.#offer(what, () => this.#ask(link, request), { late, isFree }),
    );
  }

  answered(link: Link): void {
    const { backends, turns } = this.#course;
    turns.signOfLife();
    backends.answered();
    // The server left by itself, or the client took its leave.
    if (!link.isBusy && !link.hasServer) link.deliver();
  }

  /** The answer of the server goes to the client, if both are to have it. */
  deliver(link: Link): void {
    const fate = this.#fates.get(link);
    this.#fates.delete(link);
    if (link.isBlocked) this.wasAlone = false;
    if (fate === 'crash after') this.crash();
    if (fate === 'answer lost') link.loseClient(this.#course.disturbance.chance(0.5));
    if (link.isClientGone) link.takeAnswer();
    else link.deliver();
    // It left while its statement ran; what leaves now tells by itself.
    const hasLeft = link.isClientGone && fate !== 'crash after' && fate !== 'answer lost';
    if (hasLeft) this.#serverLearns(link);
  }

  clientLeft(link: Link): void {
    const asking = this.#asking.get(link);
    if (asking) this.#withdraw(asking);
    const late = this.#late.get(link);
    if (late && link.hasServer) {
      const { turns, backends } = this.#course;
      const what = `${this.name}: late: ${late.sql.slice(0, 30)}`;
      const isFree = () => backends.mayBegin(late);
      turns.offer(what, () => backends.send(link, late), LATE, isFree);
      return;
    }
    this.#serverLearns(link);
  }

  crash(): void {
    const { disturbance } = this.#course;
    this.isDead = true;
    for (const waiting of [...this.#waiting]) {
      if (this.#withdraw(waiting) && disturbance.chance(LATE)) waiting.late?.();
    }
    for (const link of this.#links) link.loseClient(true);
    this.#tellLost(new Error('the sandbox crashed'));
  }

  abandon(): void {
    this.isAbandoned = true;
    this.#tellLost(new Error('the invocation was given up'));
  }

  #offer(what: string, take: Turn['take'], { late, isFree }: Offered = {}): Waiting {
    const takeIt = () => {
      this.#waiting.delete(waiting);
      return take();
    };
    const turn = this.#course.turns.offer(`${this.name}: ${what}`, takeIt, 1, isFree);
    const waiting: Waiting = { turn, ...(late && { late }) };
    // What a sandbox does after its end is never done.
    if (this.isDead) this.#course.turns.withdraw(turn);
    else this.#waiting.add(waiting);
    return waiting;
  }

  #withdraw(waiting: Waiting): boolean {
    this.#waiting.delete(waiting);
    return this.#course.turns.withdraw(waiting.turn);
  }

  async #ask(link: Link, request: Request): Promise<void> {
    const { disturbance, backends } = this.#course;
    this.#asking.delete(link);
    const fate = disturbance.ofStatement(request.sql);
    this.#note(fate);
    this.#fates.set(link, fate);
    if (fate === 'crash before') return this.crash();
    if (fate === 'terminated') return backends.terminate(link);
    if (fate === 'never sent' || fate === 'done late') {
      if (fate === 'done late') this.#late.set(link, request);
      return link.loseClient(disturbance.chance(0.5));
    }
    if (fate === 'abandoned') this.abandon();
    this.wasAlone = backends.busy.length === 0;
    backends.send(link, request);
  }

  /** When the server sees that the client is gone: now or later, or when it is done with what it does. */
  #serverLearns(link: Link): void {
    const { turns, backends, disturbance } = this.#course;
    if (!link.hasServer) return;
    if (link.isBusy && !disturbance.chance(LATE)) return;
    if (disturbance.chance(0.5)) turns.hold(backends.close(link));
    else turns.offer(`${this.name}: server learns`, () => backends.close(link), LATE);
  }

  #put({ Key = '', Body = '' }: PutObjectCommandInput): Promise<object> {
    const { objects, disturbance } = this.#course;
    const store = () => objects.put(Key, String(Body));
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const take = () => {
      const fate = disturbance.ofPut();
      this.#note(fate);
      if (fate === 'crash before') return this.crash();
      if (fate !== 'never sent') store();
      if (fate === 'crash after') return this.crash();
      if (fate === 'abandoned') this.abandon();
      if (fate === 'never sent' || fate === 'answer lost') {
        return reject(new Error('socket hang up (simulated)'));
      }
      resolve({});
    };
    const late = () => this.#course.turns.offer(`${this.name}: late: put ${Key}`, store, LATE);
    this.#offer(`put ${Key}`, take, { late });
    return promise;
  }

  #note(fate: Fate): void {
    if (fate !== 'goes well') this.hits += 1;
    if (fate !== 'goes well') this.#course.turns.taken.push(`  ${this.name}: ${fate}`);
  }
}
