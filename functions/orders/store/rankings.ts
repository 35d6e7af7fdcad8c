// Who belongs in the ranking index, on the writers' side. Every entity at or above the floor carries
// the index key; the sort key is the sum itself, so adding to it keeps the index in order. Without a
// floor everyone belongs. The report run raises and lowers the floor: ranking-reader.ts.
import type { EntityKind, ItemKey } from '../items.ts';
import { withRankingKey } from './entity-update.ts';
import { type Floor, isAtOrAbove, readFloor } from './ranking-floor.ts';
import { readDecimal } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import { type Comparison, type Item, text, type UpdateRequest } from './update-request.ts';

/** How long a writer may act on a floor it read. The reader waits longer before it trusts a new one. */
export const FLOOR_CACHED_MS = 60_000;

export interface Rankings {
  withKey(request: UpdateRequest, kind: EntityKind): Promise<UpdateRequest>;
  /** Puts the entity, as an update left it, into the index or out of it. */
  settle(kind: EntityKind, entity: Item): Promise<void>;
}

export function makeRankings(table: Table, now: () => number): Rankings {
  const floors = new Map<EntityKind, { floor: Promise<Floor>; readAtMs: number }>();

  function floorOf(kind: EntityKind): Promise<Floor> {
    const cached = floors.get(kind);
    if (cached && now() - cached.readAtMs < FLOOR_CACHED_MS) return cached.floor;
    const floor = readFloor(table, kind);
    floors.set(kind, { floor, readAtMs: now() });
    floor.catch(() => floors.delete(kind));
    return floor;
  }

  return {
    async withKey(request, kind) {
      const { score } = await floorOf(kind);
      return score ? request : withRankingKey(request, kind);
    },
    async settle(kind, entity) {
      const key = entityKey(entity);
      if (!key) return;
      if (isEmpty(entity)) {
        if (isRanked(entity)) await leaveRanking(table, key, countIsZero);
        return;
      }
      const belongs = isAtOrAbove(readDecimal(entity, 'a'), await floorOf(kind));
      if (belongs && !isRanked(entity)) await enterRanking(table, key, kind);
    },
  };
}

export function isRanked(entity: Item): boolean {
  return entity.rk !== undefined;
}

export function isEmpty(entity: Item): boolean {
  return readDecimal(entity, 'n').isZero;
}

export function entityKey({ pk, sk }: Item): ItemKey | undefined {
  return pk && sk && 'S' in pk && 'S' in sk ? { pk: pk.S, sk: sk.S } : undefined;
}

const countIsZero: Comparison = { attribute: 'n', is: '=', value: { N: '0' } };

export async function enterRanking(table: Table, key: ItemKey, kind: EntityKind): Promise<void> {
  const answer = await table.update({
    key,
    set: new Map([['rk', text(kind)]]),
    conditions: [{ attribute: 'pk', is: 'present' }],
  });
  if (answer === REFUSED) throw new Error(`${key.pk}: the entity is gone from the table.`);
}

/** Leaves only while `still` holds: a writer may lift the entity up again at this moment. */
export async function leaveRanking(table: Table, key: ItemKey, still: Comparison): Promise<void> {
  await table.update({ key, remove: ['rk'], conditions: [still] });
}
