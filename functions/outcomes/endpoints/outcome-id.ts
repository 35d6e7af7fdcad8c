// Which outcome a path names. Pure.
import { notFound } from '../respond/answer.ts';

const BIGINT_MAX = 9_223_372_036_854_775_807n;

/** @throws {ApiError} 404 */
export function readId(text = ''): bigint {
  const digits = text.trim();
  if (!/^-?\d+$/.test(digits)) throw notFound();
  const id = BigInt(digits);
  if (id < 0n || id > BIGINT_MAX) throw noSuchOutcome();
  return id;
}

export function noSuchOutcome() {
  return notFound('No AuctionOutcome matches the given query.');
}
