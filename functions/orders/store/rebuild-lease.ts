// One rebuild at a time, each with a number above the one before. A killed one holds the table no
// longer than the lease.
import { Decimal } from '../decimal.ts';
import { itemKeys } from '../items.ts';
import { readInteger } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import { number } from './update-request.ts';

export const LEASE_MS = 120_000;

/** Answers the number of the new rebuild; `undefined` while another one has the table. */
export async function takeLease(table: Table, nowMs: number): Promise<bigint | undefined> {
  const item = await table.update({
    key: itemKeys.rebuild,
    add: new Map([['r', Decimal.ofInteger(1)]]),
    set: new Map([['until', number(nowMs + LEASE_MS)]]),
    conditions: [
      [
        { attribute: 'until', is: 'absent' },
        { attribute: 'until', is: '<', value: number(nowMs) },
      ],
    ],
  });
  return item === REFUSED ? undefined : readInteger(item, 'r');
}

/** False when it was late, and another one has taken the table. */
export async function renewLease(table: Table, rebuild: bigint, nowMs: number): Promise<boolean> {
  const item = await table.update({
    key: itemKeys.rebuild,
    set: new Map([['until', number(nowMs + LEASE_MS)]]),
    conditions: [{ attribute: 'r', is: '=', value: number(rebuild) }],
  });
  return item !== REFUSED;
}

export async function giveLeaseBack(table: Table, rebuild: bigint): Promise<void> {
  await table.update({
    key: itemKeys.rebuild,
    remove: ['until'],
    conditions: [{ attribute: 'r', is: '=', value: number(rebuild) }],
  });
}
