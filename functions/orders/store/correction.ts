// Writes what a rebuild found wrong. The rebuild is one more stream, whose offsets are the rebuilds'
// numbers: a correction is added once, and an entity that it brings or takes is marked and counted, all
// by the rules of any batch.
import { addDeltas, type Delta } from '../contribution.ts';
import type { Decimal } from '../decimal.ts';
import {
  type EntityKind,
  type ItemKey,
  itemKeys,
  REBUILD_STREAM,
  watermarkAttribute,
} from '../items.ts';
import type { SurveyedSums } from '../survey.ts';
import { type Mark, marksToSteps, planEntityUpdate } from './entity-update.ts';
import { entityKey, type Rankings } from './rankings.ts';
import { pendingSteps, planSumUpdate, readInteger } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import type { Item } from './update-request.ts';

const ATTEMPTS_MAX = 100;

/** Another rebuild changed what this one had measured. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export interface CorrectionPorts {
  readonly table: Table;
  readonly rankings: Rankings;
  readonly rebuild: bigint;
}

type Target = Pick<SurveyedSums, 'aggregate' | 'corrected'>;

/** Answers the marks of an entity that the correction brought or took. */
export async function correctSums(
  { aggregate: { key, entity }, corrected }: Target,
  delta: Delta,
  { table, rankings, rebuild }: CorrectionPorts,
): Promise<readonly Mark[]> {
  const steps = [{ offset: rebuild, delta }];
  const stretch = { stream: REBUILD_STREAM, firstOffset: rebuild, lastOffset: rebuild };
  for (let tries = 0; tries < ATTEMPTS_MAX; tries++) {
    const seen = (await table.get(key)) ?? {};
    assertAsMeasured(seen, corrected, rebuild, key.pk);
    if (entity) {
      const plan = planEntityUpdate(key, steps, stretch, seen);
      if (plan.kind === 'added-before') return plan.marks;
      const item = await table.update(await rankings.withKey(plan.request, entity));
      if (item === REFUSED) continue;
      await rankings.settle(entity, item);
      return plan.marks;
    }
    const pending = pendingSteps(steps, REBUILD_STREAM, seen);
    if (!pending) return [];
    if ((await table.update(planSumUpdate(key, pending, stretch))) !== REFUSED) return [];
  }
  throw new Error(
    `${key.pk} ${key.sk}: the correction was refused ${ATTEMPTS_MAX} times in a row.`,
  );
}

/** `difference` is what the counter lacked before; the marks are of the corrections made now. */
export async function correctCounter(
  kind: EntityKind,
  corrected: bigint | undefined,
  difference: Decimal,
  marks: readonly Mark[],
  ports: CorrectionPorts,
): Promise<void> {
  const lacking: Delta = new Map([['v', difference]]);
  const delta = marksToSteps(marks).reduce((sum, step) => addDeltas(sum, step.delta), lacking);
  if (delta.get('v')?.isZero) return;
  const aggregate = { key: itemKeys.distinct(kind, REBUILD_STREAM) };
  await correctSums({ aggregate, ...(corrected !== undefined && { corrected }) }, delta, ports);
}

function assertAsMeasured(
  seen: Item,
  corrected: bigint | undefined,
  rebuild: bigint,
  name: string,
): void {
  const by = readInteger(seen, watermarkAttribute(REBUILD_STREAM));
  if (by === corrected || by === rebuild) return;
  throw new SupersededError(
    `Rebuild ${by} corrected ${name} while this one, ${rebuild}, was at work. Run it again.`,
  );
}

/** Attributes in which writers summed what came after the cut of a rebuild that is over. */
export interface Leftovers {
  readonly key: ItemKey;
  readonly attributes: readonly string[];
}

export function leftoversIn(item: Item, rebuild: bigint): Leftovers[] {
  const key = entityKey(item);
  const attributes = Object.keys(item).filter((name) => {
    const number = /^r(\d+):/.exec(name)?.[1];
    return number !== undefined && BigInt(number) < rebuild;
  });
  return key && attributes.length > 0 ? [{ key, attributes }] : [];
}

export async function removeLeftovers(table: Table, { key, attributes }: Leftovers): Promise<void> {
  await table.update({ key, remove: attributes, conditions: [{ attribute: 'pk', is: 'present' }] });
}
