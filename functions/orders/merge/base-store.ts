// The base in the table: pages of sums, counters, rankings, each with the epoch that it is of. A write of a
// plan is refused by whatever is of a later one.
import { mapAll } from '../../platform/settle.ts';
import {
  AGGREGATE_KINDS,
  type AggregateKind,
  type EntityKind,
  NO_SUMS,
  type Sums,
  type SumsByName,
} from '../fold/sums.ts';
import { type ItemKey, itemKeys, TOMBSTONE_SECONDS } from '../table/items.ts';
import { REFUSED, type Stored, type Table } from '../table/table-store.ts';
import {
  addToPage,
  type BasePage,
  basePageOf,
  EMPTY_PAGE,
  isPresent,
  packBasePage,
  unpackBasePage,
} from './base.ts';
import type { Document } from './document.ts';
import { keptMaxOf, NO_RANKING, type Ranked, type Ranking, trimmed } from './ranking.ts';

const PAGES_AT_ONCE = 400;
const WRITES_AT_ONCE = 16;

/** A later plan is under way: what is there is not of this one any more. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** What the merge of an epoch changed. */
export interface Merged {
  readonly came: Record<EntityKind, number>;
  broke: number;
  /** Each entity that was touched, as it is now. */
  readonly touched: Record<EntityKind, Map<string, Sums>>;
  /** Pages that hold nothing any more. */
  readonly emptied: Stored[];
}

export interface BaseStore {
  /** Adds the sums of an epoch to the pages, once, however often it is tried. @throws {OvertakenError} */
  add(epoch: number, sums: SumsByName): Promise<Merged>;
  /**
   * Lets DynamoDB drop pages, unless they were written since. Only once their plan is done: who takes it up
   * would add to a page that is gone what was added to it before.
   */
  expire(emptied: readonly Stored[]): Promise<void>;
  read<T>(document: Document<T>): Promise<T>;
  /** Once in each epoch, whoever tries it. @throws {OvertakenError} */
  change<T extends { readonly epoch: number }>(
    document: Document<T>,
    epoch: number,
    to: (value: T) => T | Promise<T>,
  ): Promise<void>;
  /** In place of what is there, of no later epoch: for a rebuild, which may be late. @throws {OvertakenError} */
  set<T extends { readonly epoch: number }>(document: Document<T>, value: T): Promise<void>;
  pages(kind: AggregateKind): AsyncIterable<BasePage>;
  /** The best of all entities, read from every page: for the rare time when too few are known. */
  readBest(kind: EntityKind, epoch: number, kept: number): Promise<Ranking>;
}

export function makeBaseStore(table: Table, now: () => number): BaseStore {
  const { pages, readBest } = makePageReader(table);
  const add = makeAdder(table);
  return {
    async add(epoch, sums) {
      const merged: Merged = {
        came: { customer: 0, product: 0 },
        broke: 0,
        touched: { customer: new Map(), product: new Map() },
        emptied: [],
      };
      for (const kind of AGGREGATE_KINDS) await add(kind, epoch, sums.of(kind), merged);
      return merged;
    },
    async expire(emptied) {
      const expiresAt = Math.floor(now() / 1000) + TOMBSTONE_SECONDS;
      const expireOne = ({ key, text, version }: Stored) =>
        table.put({ key, text, seen: { version }, expiresAt });
      await mapAll(emptied, expireOne, WRITES_AT_ONCE);
    },
    ...makeDocuments(table),
    pages,
    readBest,
  };
}

function makeDocuments(table: Table): Pick<BaseStore, 'read' | 'change' | 'set'> {
  return {
    async read({ key, none, unpack }) {
      const stored = await table.get(key);
      return stored ? unpack(stored.text) : none;
    },
    async set({ key, pack, unpack }, value) {
      const [text, seen] = [pack(value), await table.get(key)];
      if (seen?.text === text) return;
      if (seen) refuseLater(unpack(seen.text).epoch, value.epoch);
      if ((await table.put({ key, text, seen })) === REFUSED) {
        throw new OvertakenError(`${key.sk} was changed meanwhile.`);
      }
    },
    async change({ key, none, pack, unpack }, epoch, to) {
      for (;;) {
        const seen = await table.get(key);
        const value = seen ? unpack(seen.text) : none;
        refuseLater(value.epoch, epoch);
        if (value.epoch === epoch) return;
        if ((await table.put({ key, text: pack(await to(value)), seen })) !== REFUSED) return;
      }
    },
  };
}

function makeAdder(table: Table) {
  async function addToOne(
    key: ItemKey,
    read: Stored | undefined,
    epoch: number,
    added: ReadonlyMap<string, Sums>,
  ): Promise<{ page: BasePage; stored: Stored }> {
    for (let seen = read; ; seen = await table.get(key)) {
      const page = seen ? unpackBasePage(seen.text) : EMPTY_PAGE;
      refuseLater(page.epoch, epoch);
      if (seen && page.epoch === epoch) return { page, stored: seen };
      const next = addToPage(page, epoch, added);
      const text = packBasePage(next);
      const stored = { key, text, version: (seen?.version ?? 0) + 1 };
      if ((await table.put({ key, text, seen })) !== REFUSED) return { page: next, stored };
    }
  }

  return async (
    kind: AggregateKind,
    epoch: number,
    all: ReadonlyMap<string, Sums>,
    merged: Merged,
  ): Promise<void> => {
    const byPage = Map.groupBy(all, ([name]) => basePageOf(kind, name));
    const names = [...byPage.keys()];
    for (let at = 0; at < names.length; at += PAGES_AT_ONCE) {
      const some = names.slice(at, at + PAGES_AT_ONCE);
      const read = await table.getMany(some.map((name) => itemKeys.base(kind, name)));
      const seen = new Map(read.map((stored) => [stored.key.sk, stored]));
      const addOne = async (name: string) => {
        const added = new Map(byPage.get(name));
        const key = itemKeys.base(kind, name);
        const { page, stored } = await addToOne(key, seen.get(name), epoch, added);
        note(kind, page, added.keys(), merged);
        if (page.sums.size === 0) merged.emptied.push(stored);
      };
      await mapAll(some, addOne, WRITES_AT_ONCE).catch(throwOvertaken);
    }
  };
}

function makePageReader(table: Table) {
  async function* pages(kind: AggregateKind): AsyncGenerator<BasePage> {
    for (const shard of itemKeys.baseShards(kind)) {
      for await (const { text } of table.query(shard)) yield unpackBasePage(text);
    }
  }
  return {
    pages,
    async readBest(kind: EntityKind, epoch: number, kept: number): Promise<Ranking> {
      let ranking: Ranking = { ...NO_RANKING, epoch };
      let entries: Ranked[] = [];
      for await (const page of pages(kind)) {
        refuseLater(page.epoch, epoch);
        for (const [name, sums] of page.sums) {
          if (isPresent(sums)) entries.push({ id: BigInt(name), sums });
        }
        if (entries.length <= 2 * keptMaxOf(kept)) continue;
        ranking = trimmed(epoch, entries, ranking.floor, kept);
        entries = [...ranking.best];
      }
      return trimmed(epoch, entries, ranking.floor, kept);
    },
  };
}

function note(kind: AggregateKind, page: BasePage, names: Iterable<string>, merged: Merged): void {
  merged.broke += page.broke;
  if (kind === 'day') return;
  merged.came[kind] += page.came;
  for (const name of names) merged.touched[kind].set(name, page.sums.get(name) ?? NO_SUMS);
}

/** Of several failures it is the one that says that the others do not matter. */
function throwOvertaken(error: unknown): never {
  const all: unknown[] = error instanceof AggregateError ? error.errors : [];
  throw all.find((one) => one instanceof OvertakenError) ?? error;
}

function refuseLater(found: number, epoch: number): void {
  if (found > epoch) {
    throw new OvertakenError(`Plan ${found} is under way, and plan ${epoch} is over.`);
  }
}
