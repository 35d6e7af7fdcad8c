// Lets the sites hold auctions at a gentle pace, for ever. As with the shop, the state is written after
// the outcomes: a kill between the two sends the last ones once more under new offsets.
import { setTimeout as sleep } from 'node:timers/promises';
import { damagedFile, readJsonFile, writeWholeFile } from '../stores/data-directory.ts';
import type { LocalTopics } from '../stream/topics.ts';
import {
  type AuctionOutcome,
  type Auctions,
  nextOutcome,
  openAuctions,
  pastOutcomes,
} from './auctions.ts';

const OUTCOMES_A_SECOND = 2;
const PAST_OUTCOMES = 400;
/** A consumer that is stuck must not fill the disk. */
const LAG_MAX = 5000;
const SEED = 20250301;

export async function readAuctions(path: string, seed = SEED): Promise<Auctions> {
  const stored = await readJsonFile(path);
  if (stored === undefined) return openAuctions(seed);
  if (!isAuctions(stored)) throw damagedFile(path);
  return stored;
}

/** Runs until the signal. */
export async function holdAuctions(
  path: string,
  auctions: Auctions,
  topics: LocalTopics,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (topics.lag() < LAG_MAX) {
      send(outcomesOf(auctions, Date.now()), topics, topic, Date.now());
      await writeWholeFile(path, `${JSON.stringify(auctions)}\n`);
    }
    await sleep(1000 / OUTCOMES_A_SECOND, undefined, { signal }).catch(() => {});
  }
}

/** The next one; at the very first the past comes with it. */
function outcomesOf(auctions: Auctions, nowMs: number): AuctionOutcome[] {
  const past = auctions.nextId === 1 ? pastOutcomes(auctions, PAST_OUTCOMES, nowMs) : [];
  return [...past, nextOutcome(auctions, nowMs)];
}

export function send(
  outcomes: readonly AuctionOutcome[],
  topics: LocalTopics,
  topic: string,
  nowMs: number,
): void {
  for (const outcome of outcomes) {
    const key = outcome.bid_request_id;
    const record = { timestamp: nowMs, key, value: JSON.stringify(outcome), headers: [] };
    topics.append(topic, key, [record]);
  }
}

function isAuctions(value: unknown): value is Auctions {
  if (typeof value !== 'object' || value === null) return false;
  const { random, nextId } = value as Partial<Auctions>;
  return Number.isSafeInteger(random) && Number.isSafeInteger(nextId) && Number(nextId) >= 1;
}
