// Pages of the base: the sums of neighbouring customers or products, or of one day and status, as they are
// after the merge of an epoch. Pure.
import { createHash } from 'node:crypto';
import { type PackedSums, packSums, unpackSums } from '../fold/packed-sums.ts';
import { type AggregateKind, isNothing, plus, type Sums } from '../fold/sums.ts';

export interface BasePage {
  /** Of the last plan that changed it; 0 when it was never written. */
  readonly epoch: number;
  /** Entities that came minus entities that went in that epoch. */
  readonly came: number;
  /** The same of counts below zero, which no sequence of events can make. */
  readonly broke: number;
  readonly sums: ReadonlyMap<string, Sums>;
}

export const EMPTY_PAGE: BasePage = { epoch: 0, came: 0, broke: 0, sums: new Map() };

const ENTITIES_A_PAGE = 100n;
/** DynamoDB's sort keys have 1,024 bytes. */
const NAME_BYTES_MAX = 1_000;

/** The page's name: `4` for the customers 400 to 499, `2025-01-15/paid`. */
export function basePageOf(kind: AggregateKind, name: string): string {
  if (kind === 'day') return Buffer.byteLength(name) <= NAME_BYTES_MAX ? name : hashed(name);
  const id = BigInt(name);
  const page = id / ENTITIES_A_PAGE;
  return (id % ENTITIES_A_PAGE < 0n ? page - 1n : page).toString();
}

function hashed(name: string): string {
  return `${name.slice(0, name.indexOf('/'))}/#${createHash('sha256').update(name).digest('hex')}`;
}

/** The page after the sums of an epoch are added. */
export function addToPage(
  page: BasePage,
  epoch: number,
  added: ReadonlyMap<string, Sums>,
): BasePage {
  const sums = new Map(page.sums);
  let [came, broke] = [0, 0];
  for (const [name, change] of added) {
    const before = sums.get(name);
    const after = before ? plus(before, change) : change;
    came += Number(isPresent(after)) - Number(isPresent(before));
    broke += Number(isBroken(after)) - Number(isBroken(before));
    if (isNothing(after)) sums.delete(name);
    else sums.set(name, after);
  }
  return { epoch, came, broke, sums };
}

export const isPresent = (sums: Sums | undefined): boolean => sums !== undefined && sums.count > 0n;
export const isBroken = (sums: Sums | undefined): boolean => sums !== undefined && sums.count < 0n;

export function packBasePage({ epoch, came, broke, sums }: BasePage): string {
  return JSON.stringify({ epoch, came, broke, sums: packSums(sums) });
}

export function unpackBasePage(text: string): BasePage {
  const page: Omit<BasePage, 'sums'> & { sums: PackedSums } = JSON.parse(text);
  return { ...page, sums: unpackSums(page.sums) };
}
