// What the simulation runs of the product.
import type { OrdersHost } from '../../../functions/orders/host.ts';
import { makeBaseStore } from '../../../functions/orders/merge/base-store.ts';
import type { MergePorts } from '../../../functions/orders/merge/merge.ts';
import { makePlanStore } from '../../../functions/orders/merge/plan-store.ts';
import { audit } from '../../../functions/orders/repair/audit.ts';
import { rebuild } from '../../../functions/orders/repair/rebuild.ts';
import { makeOldSegmentsStore } from '../../../functions/orders/segments/old-segments-store.ts';
import { makeSegmentStore } from '../../../functions/orders/segments/segment-store.ts';
import { makeTable } from '../../../functions/orders/table/table-store.ts';

export { makeAggregateOrders } from '../../../functions/orders/aggregate-orders.ts';
export { makeMaterializeReports } from '../../../functions/orders/materialize-reports.ts';

type Host = Pick<OrdersHost, 'env' | 'dynamoDb' | 'now' | 'sleep'>;
type Limits = Pick<MergePorts, 'bytesMax' | 'kept' | 'deleteEvery'>;

const PAUSE_MS = 1_000;
/** A batch that died comes again before that. */
const WAIT_MS_MAX = 60_000;

/** What repairs, as an operator's command runs it. */
export function makeRepairs({ env, dynamoDb, now, sleep }: Host, limits: Limits) {
  const table = makeTable(dynamoDb, env.AGGREGATES_TABLE ?? '', sleep);
  const ports = {
    table,
    plans: makePlanStore(table),
    base: makeBaseStore(table, now),
    segments: makeSegmentStore(table),
    oldSegments: makeOldSegmentsStore(table),
    topN: Number(env.TOP_N),
    now,
    pause: async () => {
      await sleep(PAUSE_MS);
    },
    ...limits,
  };
  return {
    audit: () => audit(ports),
    rebuild: () => rebuild(ports, { isDryRun: false, waitMsMax: WAIT_MS_MAX }),
  };
}

export type Product = typeof import('./product.ts');
