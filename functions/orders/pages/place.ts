// Where the image of a row is kept: with its neighbours by id, in a page of its stream. Pure.
import { hash } from 'node:crypto';
import type { RowIdentity, TableName } from '../fold/change.ts';
import type { ItemKey } from '../table/items.ts';

/** What stands before the first `#` of a page's key, and of nothing else's. */
export const PAGE_TABLES: readonly TableName[] = ['orders', 'order_items'];

export const isPage = ({ pk }: ItemKey) => PAGE_TABLES.some((table) => pk.startsWith(`${table}#`));

/**
 * Rows that share their first integer, as those of one tenant, may be any number: a full page takes no
 * more, and theirs is then a page by hash.
 */
export const ROWS_A_PAGE_MAX = 256;

/** So many of a longer key would be more than an item holds. */
const NEIGHBOURS_KEY_LENGTH_MAX = 200;

/** The page of the row's neighbours; by hash, where its key has no integer, or is long. */
export function placeOf({ table, key }: RowIdentity, span: number): string {
  return key.id === null || key.text.length > NEIGHBOURS_KEY_LENGTH_MAX
    ? hashedPlace({ table, key })
    : `${table}#${floorDivide(key.id, BigInt(span))}`;
}

/** A page that this row shares with nearly none. */
export function hashedPlace({ table, key }: RowIdentity): string {
  return `${table}#h${hash('sha256', key.text).slice(0, 16)}`;
}

export const pageKey = (place: string, stream: string): ItemKey => ({ pk: place, sk: stream });

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
