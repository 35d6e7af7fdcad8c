// The orders' stores as the audit and the rebuild take them, over a data directory's table or one in AWS.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DEFAULTS, ENV } from '../functions/contracts.ts';
import { makeOrderPorts } from '../functions/operate/order-ports.ts';
import type { RebuildPorts } from '../functions/orders/repair/rebuild.ts';
import { makeTable } from '../functions/orders/table/table-store.ts';
import { readWholeNumber } from '../local/shared/settings.ts';
import type { Stores } from '../local/stores/open-stores.ts';

export function openOrders(
  stores: Stores | undefined,
  tableName: string,
  pause: () => Promise<void>,
): RebuildPorts {
  const table = makeTable(stores?.dynamodb ?? new DynamoDBClient(), stores?.table ?? tableName);
  const topN = process.env[ENV.topN] ?? String(DEFAULTS.topN);
  return makeOrderPorts(table, {
    topN: readWholeNumber(ENV.topN, topN, 1, 1_000),
    now: () => Date.now(),
    pause,
  });
}
