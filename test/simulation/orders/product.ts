// What the simulation runs of the product.

export { makeAggregateOrders } from '../../../functions/orders/aggregate-orders.ts';
export { Audit } from '../../../functions/orders/audit.ts';
export { makeMaterializeReports } from '../../../functions/orders/materialize-reports.ts';

export type Product = typeof import('./product.ts');
