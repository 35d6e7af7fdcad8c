// Takes merged segments away once no twin of their batches can live.
import { itemKeys, segmentSortKey } from '../table/items.ts';
import type { Table } from '../table/table-store.ts';
import { unpackHead } from './segment.ts';

export interface OldSegmentsStore {
  /** Removes segments below a number that were written before a moment. Answers how many. */
  deleteBelow(stream: string, number: number, beforeMs: number): Promise<number>;
}

const DELETED_AT_ONCE_MAX = 200;

export function makeOldSegmentsStore(table: Table): OldSegmentsStore {
  return {
    async deleteBelow(stream, number, beforeMs) {
      if (number <= 1) return 0;
      const bounds = { from: segmentSortKey(1), to: segmentSortKey(number - 1) };
      const readOld = async (limit: number) => {
        const first = table.query(itemKeys.chain(stream), { ...bounds, limit });
        return (await Array.fromAsync(first)).filter(
          ({ text }) => unpackHead(text).atMs < beforeMs,
        );
      };
      if ((await readOld(1)).length === 0) return 0;
      const old = await readOld(DELETED_AT_ONCE_MAX);
      await table.deleteMany(old.map(({ key }) => key));
      return old.length;
    },
  };
}
