// The source database of a capture: the platform's tables, and single changes of their rows. All
// values go in as text, so that nothing is rounded or moved to another zone on the way.
import postgres from 'postgres';
import type { PostgresAddress } from '../platform/postgres-address.ts';
import { makeRandom, type Random } from '../support/random.ts';

export interface SourceShape {
  amountType: 'decimal(10,2)' | 'numeric';
  timeType: 'timestamp' | 'timestamp(3)' | 'timestamptz';
  replicaIdentity: 'full' | 'default';
  /** Orders in a table a month, with the key (id, created_at) that PostgreSQL asks for then. */
  partitioned?: boolean;
}

export interface OrderRow {
  id?: number;
  customer_id?: number | null;
  total_amount?: string | null;
  status?: string | null;
  created_at?: string | null;
  updated_at?: string | null;
}

export interface ItemRow {
  id?: number;
  order_id?: number | null;
  product_id?: number | null;
  quantity?: number | null;
  price?: string | null;
  created_at?: string | null;
}

const BY_MONTH = `, primary key (id, created_at)) partition by range (created_at);
  create table orders_2025_01 partition of orders for values from ('2025-01-01') to ('2025-02-01');
  create table orders_2025_02 partition of orders for values from ('2025-02-01') to ('2025-03-01');`;

type Queries = postgres.ISql;

export class Source {
  readonly sql: postgres.Sql;
  readonly random: Random;
  readonly shape: SourceShape;
  /** Ids of rows that exist. */
  readonly orders: number[] = [];
  readonly items: number[] = [];

  constructor(address: PostgresAddress, shape: SourceShape, seed: number) {
    this.shape = shape;
    this.random = makeRandom(seed);
    this.sql = postgres({
      ...address,
      max: 4,
      onnotice: () => {},
      types: { date: { to: 1184, from: [1082, 1114, 1184], serialize: asIs, parse: asIs } },
    });
  }

  async createTables(): Promise<void> {
    const { amountType, timeType, replicaIdentity, partitioned } = this.shape;
    await this.sql.unsafe(`
      create table products (id serial primary key, name varchar(100));
      create table orders (id serial ${partitioned ? '' : 'primary key'}, customer_id int,
        total_amount ${amountType}, status varchar(50), created_at ${timeType},
        updated_at ${timeType}${partitioned ? BY_MONTH : ');'}
      create table order_items (id serial primary key, order_id int, product_id int, quantity int,
        price ${amountType}, created_at ${timeType});
      create table debezium_signal (id varchar(64) primary key, type varchar(32), data varchar(2048));
      alter table orders replica identity ${replicaIdentity};
      alter table order_items replica identity ${replicaIdentity};`);
  }

  async insertOrder(row: OrderRow, sql: Queries = this.sql): Promise<number> {
    const id = await insertedId(sql`insert into orders ${insertList(sql, row)} returning id`);
    this.orders.push(id);
    return id;
  }

  async insertItem(row: ItemRow, sql: Queries = this.sql): Promise<number> {
    const id = await insertedId(sql`insert into order_items ${insertList(sql, row)} returning id`);
    this.items.push(id);
    return id;
  }

  async updateOrder(id: number, change: OrderRow, sql: Queries = this.sql): Promise<void> {
    await sql`update orders set ${sql(change)} where id = ${id}`;
    if (change.id !== undefined) replaceId(this.orders, id, change.id);
  }

  async updateItem(id: number, change: ItemRow, sql: Queries = this.sql): Promise<void> {
    await sql`update order_items set ${sql(change)} where id = ${id}`;
    if (change.id !== undefined) replaceId(this.items, id, change.id);
  }

  async deleteOrder(id: number, sql: Queries = this.sql): Promise<void> {
    await sql`delete from orders where id = ${id}`;
    removeId(this.orders, id);
  }

  async deleteItem(id: number, sql: Queries = this.sql): Promise<void> {
    await sql`delete from order_items where id = ${id}`;
    removeId(this.items, id);
  }

  anyOrder(): number {
    return this.random.pick(this.orders);
  }

  anyItem(): number {
    return this.random.pick(this.items);
  }

  async close(): Promise<void> {
    await this.sql.end();
  }
}

function insertList(sql: Queries, row: OrderRow | ItemRow) {
  return Object.keys(row).length === 0 ? sql`default values` : sql(row);
}

async function insertedId(query: Promise<Iterable<{ id?: number }>>): Promise<number> {
  const [row] = await query;
  if (row?.id === undefined) throw new Error('An insert returned no id.');
  return row.id;
}

function removeId(ids: number[], id: number): void {
  const index = ids.indexOf(id);
  if (index >= 0) ids.splice(index, 1);
}

function replaceId(ids: number[], from: number, to: number): void {
  removeId(ids, from);
  ids.push(to);
}

function asIs(text: string): string {
  return text;
}
