// The plan in the table: one item, changed on condition that it is as it was read.
import { itemKeys } from '../table/items.ts';
import type { REFUSED, Stored, Table } from '../table/table-store.ts';
import { NO_PLAN, type Plan, packPlan, unpackPlan } from './plan.ts';

export interface ReadPlan {
  readonly plan: Plan;
  readonly seen: Stored | undefined;
}

export interface PlanStore {
  read(): Promise<ReadPlan>;
  replace(read: ReadPlan, plan: Plan): Promise<'written' | typeof REFUSED>;
}

export function makePlanStore(table: Table): PlanStore {
  return {
    async read() {
      const seen = await table.get(itemKeys.plan);
      return { plan: seen ? unpackPlan(seen.text) : NO_PLAN, seen };
    },
    replace: ({ seen }, plan) => table.put({ key: itemKeys.plan, text: packPlan(plan), seen }),
  };
}
