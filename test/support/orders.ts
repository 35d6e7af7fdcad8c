// The orders' functions over a table, as their handlers put them together, without Lambda around them.
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import type { PartitionBatch } from '../../functions/kafka/records.ts';
import { aggregatePartition } from '../../functions/orders/aggregate.ts';
import { type Decode, makeDecode } from '../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../functions/orders/debezium/options.ts';
import { makeBaseStore } from '../../functions/orders/merge/base-store.ts';
import { type MergePorts, merge } from '../../functions/orders/merge/merge.ts';
import { makePlanStore } from '../../functions/orders/merge/plan-store.ts';
import { makePageStore } from '../../functions/orders/pages/page-store.ts';
import { audit } from '../../functions/orders/repair/audit.ts';
import { assertNoNegativeCount, type Figures } from '../../functions/orders/reports/figures.ts';
import { readFigures } from '../../functions/orders/reports/read-figures.ts';
import { renderReports } from '../../functions/orders/reports/render.ts';
import { makeOldSegmentsStore } from '../../functions/orders/segments/old-segments-store.ts';
import { makeSegmentStore } from '../../functions/orders/segments/segment-store.ts';
import { makeFormStore } from '../../functions/orders/table/form-store.ts';
import type { Table } from '../../functions/orders/table/table-store.ts';

const SPAN = 16;
const TOP_N = 100;
export const NO_QUARANTINE: QuarantineStore = { put: async () => {} };

export interface OrdersOptions {
  readonly decode?: Decode;
  readonly quarantine?: QuarantineStore;
  readonly streamEpoch?: string;
  readonly now?: () => number;
  readonly topN?: number;
}

export function ordersOver(table: Table, options: OrdersOptions = {}) {
  const {
    decode = makeDecode(readDecodeOptions({})),
    quarantine = NO_QUARANTINE,
    streamEpoch = '0',
    now = () => 0,
    topN = TOP_N,
  } = options;
  const segments = makeSegmentStore(table);
  const oldSegments = makeOldSegmentsStore(table);
  const base = makeBaseStore(table, now);
  const ports: MergePorts = { plans: makePlanStore(table), base, segments, oldSegments, topN, now };
  const form = makeFormStore(table, SPAN, SPAN);
  return {
    ports: { ...ports, table, pause: async () => {} },
    async aggregate(batch: PartitionBatch) {
      const pages = makePageStore(table, await form.span(), now);
      const streams = () => segments.streams();
      const all = { decode, pages, segments, streams, quarantine, streamEpoch, now };
      return aggregatePartition(batch, all);
    },
    /** What a report run would show now. */
    async figures(): Promise<Figures> {
      const { plan } = await merge(ports);
      const figures = await readFigures(base, plan.epoch, topN);
      assertNoNegativeCount(figures);
      return figures;
    },
    async reports(): Promise<string[]> {
      return [...renderReports(await this.figures(), '').values()];
    },
    audit: () => audit({ ...ports, table, pause: async () => {} }),
  };
}
