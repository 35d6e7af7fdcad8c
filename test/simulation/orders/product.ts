// The code under test, loaded from a folder: `functions/` itself, or a copy in which one decision is
// another (mutation.ts).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Product {
  readonly makeAggregateOrders: typeof import('../../../functions/orders/aggregate-orders.ts').makeAggregateOrders;
  readonly makeMaterializeReports: typeof import('../../../functions/orders/materialize-reports.ts').makeMaterializeReports;
  readonly Audit: typeof import('../../../functions/orders/audit.ts').Audit;
}

export async function loadProduct(functions: string): Promise<Product> {
  const load = (file: string) => import(pathToFileURL(join(functions, 'orders', file)).href);
  const { makeAggregateOrders } = await load('aggregate-orders.ts');
  const { makeMaterializeReports } = await load('materialize-reports.ts');
  const { Audit } = await load('audit.ts');
  return { makeAggregateOrders, makeMaterializeReports, Audit };
}
