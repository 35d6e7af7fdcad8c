// The orders' stores as the audit and the rebuild take them.
import { makeBaseStore } from '../orders/merge/base-store.ts';
import { makePlanStore } from '../orders/merge/plan-store.ts';
import type { RebuildPorts } from '../orders/repair/rebuild.ts';
import { makeOldSegmentsStore } from '../orders/segments/old-segments-store.ts';
import { makeSegmentStore } from '../orders/segments/segment-store.ts';
import type { Table } from '../orders/table/table-store.ts';

export interface OrderOptions {
  readonly topN: number;
  readonly now: () => number;
  /** Between two looks. */
  readonly pause: () => Promise<void>;
}

export function makeOrderPorts(table: Table, { topN, now, pause }: OrderOptions): RebuildPorts {
  return {
    table,
    plans: makePlanStore(table),
    base: makeBaseStore(table, now),
    segments: makeSegmentStore(table),
    oldSegments: makeOldSegmentsStore(table),
    ...{ topN, now, pause },
  };
}
