// The floor of a ranking as it is stored. Only report runs move it; writers read it.
import type { Decimal } from '../decimal.ts';
import { type EntityKind, itemKeys } from '../items.ts';
import { readDecimal, readInteger } from './sum-update.ts';
import type { Table } from './table-store.ts';
import { type Conditions, type Item, number } from './update-request.ts';

export interface Floor {
  /** The lowest score in the index; without one everybody is in it. */
  readonly score?: Decimal;
  /** When it was lowered, in epoch ms, as long as writers may still act on the one before. */
  readonly loweredAtMs?: number;
}

export async function readFloor(table: Table, kind: EntityKind): Promise<Floor> {
  return toFloor((await table.get(itemKeys.floor(kind))) ?? {});
}

export function toFloor(item: Item): Floor {
  const since = readInteger(item, 'since');
  return {
    ...(item.f && { score: readDecimal(item, 'f') }),
    ...(since !== undefined && { loweredAtMs: Number(since) }),
  };
}

/** Of two report runs at once, the second leaves the floor as the first has set it. */
export async function moveFloor(
  table: Table,
  kind: EntityKind,
  from: Floor,
  to: Floor,
): Promise<void> {
  const { pk, sk } = itemKeys.floor(kind);
  const item: Item = {
    pk: { S: pk },
    sk: { S: sk },
    ...(to.score && { f: number(to.score) }),
    ...(to.loweredAtMs !== undefined && { since: number(to.loweredAtMs) }),
  };
  await table.put(item, [isAsRead('f', from.score), isAsRead('since', from.loweredAtMs)]);
}

function isAsRead(attribute: string, value: Decimal | number | undefined): Conditions[number] {
  return value === undefined
    ? { attribute, is: 'absent' }
    : { attribute, is: '=', value: number(value) };
}

export function isAtOrAbove(score: Decimal, { score: floor }: Floor): boolean {
  return !floor || score.compare(floor) >= 0;
}
