// The shop that writes to the source database: node shop-program.ts PORT SEED. Two clients at once, each
// with every situation of the captures and everyday changes, until SIGTERM. A client that loses its
// connection ends the program: whoever killed the database starts it again.
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../local/shared/user-error.ts';
import { SITUATIONS } from '../capture/situations.ts';
import { Source } from '../capture/source.ts';
import { changeAtRandom } from '../capture/workload.ts';
import { addressOf } from '../platform/postgres-address.ts';
import { SHOP_SIZE, SOURCE_SHAPE } from './shop.ts';

const CLIENTS = 2;
const PAUSE_MAX_MS = 1_000;
/** One of this many steps is a situation, the others are everyday changes. */
const SITUATION_EVERY = 4;
/** The two clients took rows in opposite order, or chose the same id: undone by PostgreSQL. */
const UNDONE = new Set(['40P01', '23505']);

const [port, seed] = process.argv.slice(2).map(Number);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

async function shop(client: number): Promise<void> {
  const source = new Source(addressOf(port ?? 0), SOURCE_SHAPE, (seed ?? 0) + client);
  while (!stop.signal.aborted) {
    await loadIds(source);
    await step(source).catch((error: unknown) => {
      if (!UNDONE.has(errorCode(error) ?? '')) throw error;
    });
    await sleep(source.random.integer(0, PAUSE_MAX_MS));
  }
  await source.close();
}

async function step(source: Source): Promise<void> {
  if (source.random.integer(1, SITUATION_EVERY) > 1) return changeAtRandom(source, SHOP_SIZE);
  await source.random.pick(SITUATIONS)(source, SHOP_SIZE);
}

/** The other client, and the program before this one, changed rows as well. */
async function loadIds({ sql, orders, items }: Source): Promise<void> {
  for (const [ids, table] of [
    [orders, 'orders'],
    [items, 'order_items'],
  ] as const) {
    const rows = await sql<{ id: number }[]>`select id from ${sql(table)} order by id`;
    ids.splice(0, ids.length, ...rows.map(({ id }) => id));
  }
}

await Promise.all(Array.from({ length: CLIENTS }, (_, client) => shop(client)));
