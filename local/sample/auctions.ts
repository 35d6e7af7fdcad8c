// Auctions of a few sites, told as the auction simulator tells them. Same state and clock readings, same
// outcomes. No clock, no files.
import { pick, type RandomState, random, randomBelow } from './random.ts';

export interface Auctions extends RandomState {
  nextId: number;
}

export interface AuctionOutcome {
  readonly bid_request_id: string;
  readonly user_id: string;
  readonly site_domain: string;
  readonly win_status: boolean;
  readonly win_price: string;
  readonly bid_price: string;
  readonly currency: string;
  readonly enriched: boolean;
  readonly user_interests: readonly string[];
  readonly timestamp: string;
  readonly auction_timestamp: string;
}

const FIRST_USER = 100;
const USERS = 60;
const SITES = [
  'news.example.com',
  'sports.example.com',
  'recipes.example.com',
  'travel.example.com',
  'games.example.com',
] as const;
const INTERESTS = ['technology', 'sports', 'finance', 'travel', 'gaming', 'food'] as const;
const HISTORY_MS = 7 * 24 * 3_600_000;

export function openAuctions(seed: number): Auctions {
  return { random: seed | 0, nextId: 1 };
}

export function nextOutcome(auctions: Auctions, atMs: number): AuctionOutcome {
  const id = auctions.nextId++;
  const bidCents = 20 + randomBelow(auctions, 160);
  const hasWon = random(auctions) < 0.7;
  // A second-price auction: the winner pays at most what it bid.
  const winCents = hasWon ? Math.ceil(bidCents * (0.6 + 0.4 * random(auctions))) : 0;
  const enriched = random(auctions) < 0.85;
  return {
    bid_request_id: `bid-${String(id).padStart(8, '0')}`,
    user_id: `user-${FIRST_USER + randomBelow(auctions, USERS)}`,
    site_domain: pick(auctions, SITES),
    win_status: hasWon,
    win_price: (winCents / 100).toFixed(2),
    bid_price: (bidCents / 100).toFixed(2),
    currency: pickCurrency(auctions),
    enriched,
    user_interests: enriched ? [pick(auctions, INTERESTS)] : [],
    timestamp: new Date(atMs).toISOString(),
    auction_timestamp: new Date(atMs + 5 + randomBelow(auctions, 90)).toISOString(),
  };
}

/** What went before the first start: the last seven days, so that days can be compared at once. */
export function pastOutcomes(auctions: Auctions, count: number, nowMs: number): AuctionOutcome[] {
  const stepMs = HISTORY_MS / count;
  return Array.from({ length: count }, (_, index) => {
    return nextOutcome(auctions, Math.floor(nowMs - (count - index) * stepMs));
  });
}

function pickCurrency(auctions: Auctions): string {
  const choice = random(auctions);
  return choice < 0.86 ? 'USD' : choice < 0.95 ? 'EUR' : 'GBP';
}
