// The shop's PostgreSQL: two tables, transactions that overlap, and the log of what they changed in the
// order in which they committed. A row that a transaction has changed is locked until it ends.
import type { Random } from '../../support/random.ts';

export interface OrderRow {
  readonly customer: bigint | null;
  readonly cents: bigint | null;
  readonly status: string | null;
  /** Microseconds since 1970. */
  readonly createdUs: bigint | null;
}

export interface ItemRow {
  readonly product: bigint | null;
  readonly quantity: bigint | null;
  readonly cents: bigint | null;
}

export type Row =
  | { readonly table: 'orders'; readonly values: OrderRow }
  | { readonly table: 'order_items'; readonly values: ItemRow };
export type TableName = Row['table'];
export const TABLES: readonly TableName[] = ['orders', 'order_items'];

/** A committed change of one row; a new key is a delete and a creation at one LSN. */
export interface Change {
  readonly op: 'c' | 'u' | 'd';
  readonly table: TableName;
  readonly id: bigint;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  /** The new key of a row that left this one, or the old key of a row that came to it. */
  readonly otherId: bigint | undefined;
  readonly lsn: bigint;
  readonly committedMs: number;
  /** Later changes have a greater one; those of one LSN have the same. */
  readonly order: number;
}

/** What kind of shop it is. */
export interface Shop {
  /** Many rows of many customers and products, who come and go. */
  readonly isCrowded: boolean;
  /** The orders lie in partitions by `created_at`: a row that changes it is another row then. */
  readonly isPartitioned: boolean;
  /** The plug-in tells the LSN of the transaction alone. */
  readonly isLsnOfTransaction: boolean;
  /** Some amounts are such that no double holds them. */
  readonly hasLargeAmounts: boolean;
  /** All that is sold costs one of a few amounts. */
  readonly hasFewAmounts: boolean;
}

interface Transaction {
  readonly rows: Map<string, Row | undefined>;
  readonly changes: Omit<Change, 'committedMs' | 'order'>[];
}

export type Rows = ReadonlyMap<bigint, Row>;

const IDS = [5, 8];
const IDS_MAX = 14;
const GROUPS_MAX = 9;
/** A shop grows and shrinks: how often a row that is there is deleted, of a hundred times. */
const DELETES = [15, 40, 85];
const OPEN_MAX = 3;
const STATUSES = ['pending', 'paid', 'shipped', 'constructor', ''];
const LONG_STATUS = 'a long status, stored apart from its row '.repeat(4);
const DAYS = ['2025-01-01', '2025-01-02', '2025-12-31'];
const DAY_US = 86_400_000_000n;
/** Between neighbouring ids of customers and products: all in one page of the base, some, each in its own. */
const SPREADS = [1n, 45n, 1n, 45n, 2n ** 54n];

export class Source {
  readonly rows = { orders: new Map<bigint, Row>(), order_items: new Map<bigint, Row>() };
  /** In the order of commits. */
  readonly log: Change[] = [];
  hasMoved = false;
  readonly #random: Random;
  readonly #now: () => number;
  #lsn: bigint;
  readonly #shop: Shop;
  readonly #ids: number;
  readonly #firstId: bigint;
  readonly #groups: number;
  readonly #spread: bigint;
  #deletes: number;
  #open: Transaction[] = [];

  constructor(random: Random, now: () => number, shop: Shop) {
    const { isCrowded } = shop;
    this.#shop = shop;
    this.#random = random;
    this.#now = now;
    this.#ids = isCrowded ? IDS_MAX : random.pick(IDS);
    this.#firstId = random.pick([-3n, 0n, 0n, 2n ** 53n - 4n]);
    this.#spread = random.pick(SPREADS);
    this.#groups = isCrowded ? GROUPS_MAX : 2 + random.below(GROUPS_MAX - 1);
    this.#deletes = random.pick(DELETES);
    this.#lsn = random.pick([24_768_672n, 2n ** 53n - 60n, 2n ** 62n]);
  }

  get lsn(): bigint {
    return this.#lsn;
  }

  /** One statement or the end of one transaction. */
  step(mayRemove = true): void {
    const open = this.#open;
    if (this.#random.chance(0.04)) this.#deletes = this.#random.pick(DELETES);
    if (open.length < OPEN_MAX && this.#random.chance(0.4))
      open.push({ rows: new Map(), changes: [] });
    if (open.length === 0) return;
    const transaction = this.#random.pick(open);
    if (this.#random.chance(0.5)) this.#change(transaction, mayRemove);
    else this.#end(transaction, mayRemove);
  }

  /** Dumped and restored on another server: the rows stay, what was open is gone, LSNs start lower. */
  moveToAnotherServer(): void {
    this.hasMoved = true;
    this.#open = [];
    this.#lsn -= BigInt(this.#random.below(10_000));
  }

  /** Ends all that is open. */
  settle(): void {
    for (const transaction of [...this.#open]) this.#end(transaction, true);
  }

  #end(transaction: Transaction, mayRemove: boolean): void {
    if (!mayRemove && transaction.changes.some(({ op }) => op === 'd')) return;
    this.#open = this.#open.filter((one) => one !== transaction);
    this.#lsn += 48n;
    if (this.#random.chance(0.1)) return;
    for (const [name, row] of transaction.rows) {
      const { table, id } = parseName(name);
      if (row) this.rows[table].set(id, row);
      else this.rows[table].delete(id);
    }
    const committedMs = this.#now();
    const isOne = this.#shop.isLsnOfTransaction;
    const orderOfAll = this.log.length;
    for (const change of transaction.changes) {
      const order = isOne ? orderOfAll : this.log.length;
      this.log.push({ ...change, committedMs, order, ...(isOne && { lsn: this.#lsn }) });
    }
  }

  #change(transaction: Transaction, mayRemove: boolean): void {
    const table = this.#random.pick(TABLES);
    const id = this.#anyId();
    if (this.#isLocked(table, id, transaction)) return;
    const before = this.#read(transaction, table, id);
    const what = this.#random.below(100);
    if (!before) this.#write(transaction, { op: 'c', id, before, after: this.#newRow(table) });
    else if (mayRemove && what < this.#deletes)
      this.#write(transaction, { op: 'd', id, before, after: undefined });
    else if (mayRemove && what < this.#deletes + 8) this.#changeKey(transaction, id, before);
    else if (what < this.#deletes + 13)
      this.#write(transaction, { op: 'u', id, before, after: before });
    else this.#update(transaction, id, before, this.#changed(before), mayRemove);
  }

  #anyId(): bigint {
    return this.#firstId + BigInt(this.#random.below(this.#ids));
  }

  #update(transaction: Transaction, id: bigint, before: Row, after: Row, mayRemove: boolean): void {
    const isMoved = this.#shop.isPartitioned && createdOf(before) !== createdOf(after);
    if (!isMoved) this.#write(transaction, { op: 'u', id, before, after });
    else if (mayRemove) this.#move(transaction, { id, before, newId: id, after });
  }

  /** Under another key it is another row. */
  #move(
    transaction: Transaction,
    { id, before, newId, after }: { id: bigint; before: Row; newId: bigint; after: Row },
  ): void {
    this.#write(transaction, { op: 'd', id, before, after: undefined, otherId: newId });
    this.#lsn -= 56n;
    this.#write(transaction, { op: 'c', id: newId, before: undefined, after, otherId: id });
  }

  #changeKey(transaction: Transaction, id: bigint, before: Row): void {
    const { table } = before;
    const newId = this.#anyId();
    const isTaken =
      this.#read(transaction, table, newId) || this.#isLocked(table, newId, transaction);
    if (newId === id || isTaken) return;
    const after = this.#random.chance(0.5) ? before : this.#changed(before);
    this.#move(transaction, { id, before, newId, after });
  }

  #write(
    { rows, changes }: Transaction,
    change: Pick<Change, 'op' | 'id' | 'before' | 'after'> & { otherId?: bigint },
  ): void {
    const row = change.after ?? change.before;
    if (!row) throw new Error('A change has a row before or after it.');
    this.#lsn += 56n;
    const { otherId, ...rest } = change;
    changes.push({ ...rest, table: row.table, otherId, lsn: this.#lsn });
    rows.set(`${row.table}#${change.id}`, change.after);
  }

  #read(transaction: Transaction, table: TableName, id: bigint): Row | undefined {
    const name = `${table}#${id}`;
    return transaction.rows.has(name) ? transaction.rows.get(name) : this.rows[table].get(id);
  }

  #isLocked(table: TableName, id: bigint, by: Transaction): boolean {
    return this.#open.some((one) => one !== by && one.rows.has(`${table}#${id}`));
  }

  #newRow(table: TableName): Row {
    return table === 'orders'
      ? { table, values: this.#newOrder() }
      : { table, values: this.#newItem() };
  }

  /** Some columns, or all of them. */
  #changed(row: Row): Row {
    const kept = (name: string) => this.#random.chance(name === 'status' ? 0.7 : 0.5);
    const fresh = this.#newRow(row.table);
    const old = Object.fromEntries(Object.entries(row.values).filter(([name]) => kept(name)));
    return { ...fresh, values: { ...fresh.values, ...old } } as Row;
  }

  #newOrder(): OrderRow {
    const random = this.#random;
    const status = random.chance(0.15)
      ? `${LONG_STATUS}${random.below(3)}`
      : random.pick([...STATUSES, null]);
    const day = BigInt(Date.parse(random.pick(DAYS))) * 1000n;
    return {
      customer: random.chance(0.1) ? null : this.#anyGroup(),
      cents: random.chance(0.1) ? null : this.#cents(),
      status,
      createdUs:
        !this.#shop.isPartitioned && random.chance(0.08)
          ? null
          : day + random.pick([0n, 1n, DAY_US - 1n, DAY_US / 3n]),
    };
  }

  #newItem(): ItemRow {
    const random = this.#random;
    return {
      product: random.chance(0.1) ? null : this.#anyGroup(),
      quantity: random.chance(0.1) ? null : BigInt(random.below(6)),
      cents: random.chance(0.1) ? null : this.#cents(),
    };
  }

  #anyGroup(): bigint {
    return BigInt(this.#random.below(this.#groups)) * this.#spread;
  }

  /** Few different ones, so that there are ties. */
  #cents(): bigint {
    const [small, tie] = [
      BigInt(this.#random.below(4000) - 500),
      BigInt(this.#random.below(4) * 100),
    ];
    if (this.#shop.hasFewAmounts) return tie;
    const large = this.#shop.hasLargeAmounts ? 99_999_999_999_999_999n : 99_999_999_999n;
    return this.#random.pick([small, small, tie, tie, large]);
  }
}

const createdOf = (row: Row) => (row.table === 'orders' ? row.values.createdUs : null);

function parseName(name: string): { table: TableName; id: bigint } {
  const [table, id = ''] = name.split('#');
  return { table: table === 'orders' ? table : 'order_items', id: BigInt(id) };
}

export function isStoredApart(row: Row | undefined): boolean {
  return row?.table === 'orders' && (row.values.status?.startsWith(LONG_STATUS) ?? false);
}
