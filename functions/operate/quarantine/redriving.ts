// A redrive as an operator asks for it: which objects, how far it came, and what is told of it. Pure but for its ports.
import { TOMBSTONE_DAYS } from '../../orders/table/items.ts';
import { Refusal } from '../refusal.ts';
import type { KeptObjects, ReadObject } from './kept-objects-store.ts';
import { type Failed, type Redriven, redrive, type Target } from './redrive.ts';
import { type Filters, readNamed, selectObjects, toLine } from './selection.ts';

const DAY_MS = 86_400_000;
/** A redriven record waits for its turn in its topic while the tombstone is still there. */
const DAYS_OLD_MAX = TOMBSTONE_DAYS - 1;

export interface RedriveChoice {
  /** By key or position; none: what the filters find. */
  readonly names: readonly string[];
  readonly filters: Filters;
  readonly isDryRun: boolean;
  readonly mayBeOld: boolean;
}

export interface RedrivePorts {
  readonly kept: KeptObjects;
  readonly target: Target;
  /** Of objects that do not say it. */
  readonly streamEpoch: string;
  readonly isOutcome: (topic: string) => boolean;
  readonly nowMs: number;
  readonly write: (line: string) => void;
  /** Asked between two objects. */
  readonly mustStop: () => boolean;
}

/** How far it came, all parts together. */
export interface Progress extends Redriven {
  /** The last key that was looked at. */
  readonly after: string;
  /** So many of the names are done. */
  readonly names: number;
}

const BEGINNING: Progress = {
  ...{ after: '', names: 0, objects: 0, records: 0, tooOld: [], failed: [] },
};

export const NO_TARGET: Target = { send: async () => {}, close: async () => {} };

export function assertChoice({ names, filters }: RedriveChoice, all: boolean): void {
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  if (names.length === 0 && !isFiltered && !all) {
    throw new Refusal('Name what to redrive, or filter, or say --all.');
  }
  if (names.length > 0 && (isFiltered || all)) {
    throw new Refusal('Names, or filters, or --all: choose one.');
  }
}

export async function redriveChosen(
  { names, filters, isDryRun, mayBeOld }: RedriveChoice,
  { kept, target, nowMs, write, mustStop, ...options }: RedrivePorts,
  before: Progress = BEGINNING,
): Promise<Progress & { readonly isWhole: boolean }> {
  const unreadable: Failed[] = [];
  const onUnreadable = (failed: Failed) => void unreadable.push(failed);
  let { after, names: done } = before;
  let isWhole = true;
  const objects =
    names.length > 0
      ? readNamed(kept, names.slice(done))
      : selectObjects(kept, filters, { onUnreadable, after });
  async function* untilStopped(): AsyncGenerator<ReadObject> {
    for await (const object of objects) {
      // Each part goes on by one at least.
      if (done > before.names && mustStop()) {
        isWhole = false;
        return;
      }
      if (isDryRun) write(toLine(object));
      yield object;
      after = object.key;
      done += 1;
    }
  }
  const oldestMs = mayBeOld ? Number.NEGATIVE_INFINITY : nowMs - DAYS_OLD_MAX * DAY_MS;
  const redriven = await redrive(untilStopped(), kept, target, { ...options, isDryRun, oldestMs });
  return {
    ...{ after, names: done, isWhole },
    objects: before.objects + redriven.objects,
    records: before.records + redriven.records,
    tooOld: [...before.tooOld, ...redriven.tooOld],
    failed: [...before.failed, ...unreadable, ...redriven.failed],
  };
}

export function showRedriven(done: Redriven, isDryRun: boolean): string {
  const { objects, records, tooOld, failed } = done;
  const sent = isDryRun ? 'would be sent again' : 'sent again';
  return [
    `${records} records of ${objects} objects ${sent}.`,
    ...(tooOld.length === 0
      ? []
      : [
          `${tooOld.length} objects stay, as they hold changes more than ${DAYS_OLD_MAX} days old: a row deleted since ` +
            `would come back, as its deletion is forgotten after ${TOMBSTONE_DAYS} days. Where that cannot be, say --old.`,
          ...tooOld.map((key) => `  ${key}`),
        ]),
    ...(failed.length === 0 ? [] : [`${failed.length} objects stay, as they could not be sent:`]),
    ...failed.map(({ key, reason }) => `  ${key}: ${reason.replaceAll(/\s+/g, ' ')}`),
    '',
  ].join('\n');
}

/** Whether something stays that was asked for. */
export function isLeft({ tooOld, failed }: Redriven): boolean {
  return tooOld.length + failed.length > 0;
}
