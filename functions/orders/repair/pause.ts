// The merges are paused by a rebuild: it alone makes plans then. In the plan's own item, so that a plan that
// is made at the same moment is refused, or refuses the pause. One rebuild at a time, and a killed one holds
// the merges no longer than the lease.
import { isPaused, type Plan } from '../merge/plan.ts';
import type { PlanStore } from '../merge/plan-store.ts';
import { REFUSED } from '../table/table-store.ts';

export const LEASE_MS = 120_000;

export interface Pause {
  readonly rebuild: number;
  /** @throws {PausedByOtherError} when it was late, and another one has the table. */
  renew(): Promise<void>;
  lift(): Promise<void>;
}

export class PausedByOtherError extends Error {
  override readonly name = 'PausedByOtherError';
}

export async function pauseMerges(plans: PlanStore, now: () => number): Promise<Pause> {
  let rebuild = 0;
  await change(plans, (plan) => {
    if (isPaused(plan, now())) {
      throw new PausedByOtherError(
        `Another rebuild has the table, or was killed less than ${LEASE_MS / 1000} s ago.`,
      );
    }
    rebuild = plan.rebuilds + 1;
    return { ...plan, rebuilds: rebuild, pause: { rebuild, untilMs: now() + LEASE_MS } };
  });
  return {
    rebuild,
    renew: () =>
      change(plans, (plan) => {
        if (plan.pause?.rebuild !== rebuild || !isPaused(plan, now())) {
          throw new PausedByOtherError('It was late, and the merges have gone on. Run it again.');
        }
        return { ...plan, pause: { rebuild, untilMs: now() + LEASE_MS } };
      }),
    lift: () =>
      change(plans, (plan) => {
        if (plan.pause?.rebuild !== rebuild) return plan;
        const { pause: _ours, ...lifted } = plan;
        return lifted;
      }),
  };
}

async function change(plans: PlanStore, to: (plan: Plan) => Plan): Promise<void> {
  for (;;) {
    const read = await plans.read();
    const plan = to(read.plan);
    if (plan === read.plan || (await plans.replace(read, plan)) !== REFUSED) return;
  }
}
