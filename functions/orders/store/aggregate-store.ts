// Applies one partition's fold to the table by the protocol of docs/architecture.md, "Exactly once
// without transactions": sums, then distinct counters, then row images. A crash anywhere is repaired
// by the retry; a late twin of the invocation finds its offsets under the watermarks.
import pMap from 'p-map';
import type { AggregateSteps, Fold, ImageName, ImageStep, Step } from '../fold.ts';
import { imageName } from '../fold.ts';
import { type Cut, type RowImage, type Stream, supersedes } from '../image.ts';
import { ENTITY_KINDS, type EntityKind, type ItemKey, itemKeys } from '../items.ts';
import { type Mark, marksToSteps, planEntityUpdate, type Stretch } from './entity-update.ts';
import { imageKey, imageToItem, isStill, itemToImage } from './image-item.ts';
import type { Rankings } from './rankings.ts';
import { beginBatch, endBatch } from './stream-progress.ts';
import { pendingSteps, planSumUpdate, stepsThatFit } from './sum-update.ts';
import { REFUSED, type Table } from './table-store.ts';
import type { Item } from './update-request.ts';

const WRITES_AT_ONCE = 32;
/** Each refusal means that another partition or a twin got through; this many in a row do not happen. */
const ATTEMPTS_MAX = 100;
const CONCURRENTLY = { concurrency: WRITES_AT_ONCE, stopOnError: false };

export interface AggregateStore {
  /** Before anything is written of a batch: answers where a running rebuild has its cut. */
  begin(topic: string, stream: string, lastOffset: bigint): Promise<Cut | undefined>;
  readImages(rows: readonly Pick<RowImage, 'table' | 'key'>[]): Promise<Map<ImageName, RowImage>>;
  apply(fold: Fold, stream: Stream, offsets: Omit<Stretch, 'stream' | 'cut'>): Promise<void>;
  /** After everything is. */
  end(topic: string, stream: string, lastOffset: bigint): Promise<void>;
}

export interface AggregateStorePorts {
  readonly table: Table;
  readonly rankings: Rankings;
  readonly now: () => number;
}

export function makeAggregateStore({ table, rankings, now }: AggregateStorePorts): AggregateStore {
  async function addToSum(key: ItemKey, steps: readonly Step[], stretch: Stretch): Promise<void> {
    for (const part of stepsThatFit(steps)) {
      await untilAccepted(key, async (seen) => {
        const pending = pendingSteps(part, stretch.stream, seen);
        return !pending || (await table.update(planSumUpdate(key, pending, stretch))) !== REFUSED;
      });
    }
  }

  async function addToEntity(
    kind: EntityKind,
    { aggregate: { key }, steps }: AggregateSteps,
    stretch: Stretch,
  ): Promise<readonly Mark[]> {
    let marks: readonly Mark[] = [];
    await untilAccepted(key, async (seen) => {
      const plan = planEntityUpdate(key, steps, stretch, seen);
      if (plan.kind === 'update') {
        const item = await table.update(await rankings.withKey(plan.request, kind));
        if (item === REFUSED) return false;
        await rankings.settle(kind, item);
      } else {
        await rankings.settle(kind, seen ?? {});
      }
      marks = plan.marks;
      return true;
    });
    return marks;
  }

  /** Tries without reading first; after a refusal reads the item and tries on what it saw. */
  async function untilAccepted(
    key: ItemKey,
    attempt: (seen: Item | undefined) => Promise<boolean>,
  ): Promise<void> {
    let seen: Item | undefined;
    for (let tries = 0; tries < ATTEMPTS_MAX; tries++) {
      if (await attempt(seen)) return;
      seen = (await table.get(key)) ?? {};
    }
    throw new Error(`${key.pk} ${key.sk}: the update was refused ${ATTEMPTS_MAX} times in a row.`);
  }

  async function addToSums(fold: Fold, stretch: Stretch): Promise<Map<EntityKind, Mark[]>> {
    const marks = new Map<EntityKind, Mark[]>(ENTITY_KINDS.map((kind) => [kind, []]));
    const add = async (entry: AggregateSteps) => {
      const { key, entity } = entry.aggregate;
      if (!entity) return addToSum(key, entry.steps, stretch);
      marks.get(entity)?.push(...(await addToEntity(entity, entry, stretch)));
    };
    await pMap(fold.aggregates, add, CONCURRENTLY);
    return marks;
  }

  /** In place of the image that it was made from, or of one that it supersedes. */
  async function writeImage({ image, stored, isByLsn }: ImageStep): Promise<void> {
    const item = imageToItem(image, now());
    await untilAccepted(imageKey(image), async (seen) => {
      const current = seen ? itemToImage(seen) : stored;
      if (seen && current && !supersedes(image, current, isByLsn)) return true;
      return (await table.put(item, isStill(current))) !== REFUSED;
    });
  }

  return {
    begin: (topic, stream, lastOffset) => beginBatch(table, { topic, stream, lastOffset }),
    end: (topic, stream, lastOffset) => endBatch(table, { topic, stream, lastOffset }),
    async readImages(rows) {
      const keys = new Map(rows.map((row) => [imageName(row), imageKey(row)]));
      const images = (await table.getMany([...keys.values()])).map(itemToImage);
      return new Map(images.flatMap((image) => (image ? [[imageName(image), image]] : [])));
    },
    async apply(fold, stream, offsets) {
      const stretch = { stream: stream.name, ...offsets, ...(stream.cut && { cut: stream.cut }) };
      const marks = await addToSums(fold, stretch);
      for (const [kind, entityMarks] of marks) {
        const steps = marksToSteps(entityMarks);
        await addToSum(itemKeys.distinct(kind, stream.name), steps, stretch);
      }
      await pMap(fold.images, writeImage, CONCURRENTLY);
    },
  };
}
