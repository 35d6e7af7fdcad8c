// Lets the shop trade at a gentle pace, for ever: each transaction's events go to the topics, then
// the shop's state to its file. After a kill between the two, the last events are sent once more
// under new offsets, as Debezium does.
import { setTimeout as sleep } from 'node:timers/promises';
import { damagedFile, readJsonFile, writeWholeFile } from '../stores/data-directory.ts';
import type { LocalTopics } from '../stream/topics.ts';
import { type Commit, toDebeziumRecords } from './debezium-event.ts';
import { nextTransaction, openShop, type Shop } from './shop.ts';

const EVENTS_A_SECOND = 5;
/** A consumer that is stuck must not fill the disk. */
const LAG_MAX = 5000;
const SEED = 20250115;
const FIRST_LSN = 24_000_000;
const LSN_A_TRANSACTION = 4096;
const LSN_A_CHANGE = 128;

export async function readShop(path: string, seed = SEED): Promise<Shop> {
  const stored = await readJsonFile(path);
  if (stored === undefined) return openShop(seed);
  if (!isShop(stored)) throw damagedFile(path);
  return stored;
}

/** Runs until the signal. */
export async function trade(
  path: string,
  shop: Shop,
  topics: LocalTopics,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const events = topics.lag() < LAG_MAX ? emitTransaction(shop, topics, Date.now() * 1000) : 1;
    await writeWholeFile(path, `${JSON.stringify(shop)}\n`);
    await sleep((events * 1000) / EVENTS_A_SECOND, undefined, { signal }).catch(() => {});
  }
}

/** Returns how many records were sent. */
export function emitTransaction(shop: Shop, topics: LocalTopics, nowUs: number): number {
  const changes = nextTransaction(shop, nowUs);
  const firstLsn = FIRST_LSN + shop.transactions * LSN_A_TRANSACTION;
  let sent = 0;
  for (const [index, change] of changes.entries()) {
    const commit: Commit = {
      txId: 1000 + shop.transactions,
      lsn: firstLsn + index * LSN_A_CHANGE,
      previousLsn: firstLsn - LSN_A_TRANSACTION,
      committedUs: nowUs,
      sentUs: nowUs + 1000 * (1 + index),
    };
    const { topic, key, records } = toDebeziumRecords(change, commit);
    topics.append(topic, key, records);
    sent += records.length;
  }
  return sent;
}

function isShop(value: unknown): value is Shop {
  if (typeof value !== 'object' || value === null) return false;
  const { random, transactions, nextOrderId, nextItemId, open } = value as Partial<Shop>;
  return (
    [random, transactions, nextOrderId, nextItemId].every(Number.isSafeInteger) &&
    Array.isArray(open)
  );
}
