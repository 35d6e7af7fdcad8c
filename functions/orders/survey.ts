// What the aggregates say and what the row images say, side by side. Takes the items of a whole table,
// one by one, in any order; with a rebuild's number, each as it was at that rebuild's cut. Pure.
import {
  type Aggregate,
  addDeltas,
  contributionsOf,
  type Delta,
  isNothing,
  negate,
} from './contribution.ts';
import { Decimal } from './decimal.ts';
import { imageAtCut, type RowImage } from './image.ts';
import {
  afterCutAttribute,
  CROSSINGS,
  ENTITY_KINDS,
  type EntityKind,
  type ItemKey,
  itemKeys,
  REBUILD_STREAM,
  watermarkAttribute,
} from './items.ts';
import { itemToImage } from './store/image-item.ts';
import { type Floor, isAtOrAbove, toFloor } from './store/ranking-floor.ts';
import { entityKey } from './store/rankings.ts';
import { readDecimal, readInteger } from './store/sum-update.ts';
import type { Item } from './store/update-request.ts';

/** One aggregate; the shards of a day are one. */
export interface SurveyedSums {
  readonly aggregate: Aggregate;
  /** By the row images. */
  expected: Delta;
  found: Delta;
  /** The last rebuild that corrected the item of `aggregate.key`. */
  corrected?: bigint;
}

export interface SurveyedCounter {
  /** Of the last rebuild's own counter. */
  corrected?: bigint;
  found: Decimal;
  /** Entities whose count is above zero, whether rightly or not. */
  present: Decimal;
}

/** An entity whose key of the ranking index is not as its sums and the floor want it. */
export interface Misranked {
  readonly key: ItemKey;
  readonly kind: EntityKind;
  readonly score: Decimal;
  readonly rankedAs: string | undefined;
  readonly belongs: boolean;
}

const SUM_ATTRIBUTES = /^(?:n|a|q|s:.*)$/s;
const NOTHING: Delta = new Map();

export class Survey {
  readonly #rebuild: bigint | undefined;
  readonly #sums = new Map<string, SurveyedSums>();
  readonly #counters = new Map<EntityKind, SurveyedCounter>();
  readonly #floors = new Map<EntityKind, Floor>();
  /** Those without their kind's key: right below a floor, or gone. */
  readonly #doubtful: (Omit<Misranked, 'belongs'> & { readonly isPresent: boolean })[] = [];
  #rows = 0;

  constructor(rebuild?: bigint) {
    this.#rebuild = rebuild;
  }

  get rows(): number {
    return this.#rows;
  }

  get sums(): SurveyedSums[] {
    return [...this.#sums.values()];
  }

  counter(kind: EntityKind): SurveyedCounter {
    const counter = this.#counters.get(kind) ?? { found: Decimal.ZERO, present: Decimal.ZERO };
    this.#counters.set(kind, counter);
    return counter;
  }

  /**
   * While a floor is being lowered the index is known to lack some, and no report reads it. A key of
   * one below the floor is no harm: no report shows it, and the next one takes it out.
   */
  misranked(): Misranked[] {
    return this.#doubtful
      .map((entity) => {
        const floor = this.#floors.get(entity.kind) ?? {};
        const belongs = entity.isPresent && isAtOrAbove(entity.score, floor);
        return { ...entity, belongs: belongs && floor.loweredAtMs === undefined };
      })
      .filter(({ belongs, rankedAs }) => belongs || rankedAs !== undefined);
  }

  add(item: Item): void {
    const image = itemToImage(item);
    const key = entityKey(item);
    if (image) this.#addImage(image);
    else if (key) this.#addAggregate(key, item);
  }

  #addAggregate(key: ItemKey, item: Item): void {
    const [group = '', name = ''] = key.pk.split('#');
    if (group === 'day') this.#addSums({ key: itemKeys.day(key.sk, 0) }, item);
    else if (group === 'distinct' && isEntityKind(name)) this.#addCounter(name, item);
    else if (group === 'floor' && isEntityKind(name)) this.#floors.set(name, toFloor(item));
    else if (isEntityKind(group)) {
      this.#addSums({ key, entity: group }, item);
      this.#addEntity(key, group, item);
    }
  }

  #addImage(image: RowImage): void {
    const then = this.#rebuild === undefined ? image : imageAtCut(image, this.#rebuild);
    if (then.row) this.#rows += 1;
    // The shard a row's day is counted in does not matter here: shards are added up.
    for (const { aggregate, delta } of contributionsOf(then, 0)) {
      const sums = this.#sumsOf(aggregate);
      sums.expected = addDeltas(sums.expected, delta);
    }
  }

  #addSums(aggregate: Aggregate, item: Item): void {
    const sums = this.#sumsOf(aggregate);
    sums.found = addDeltas(sums.found, this.#readSums(item));
    const isTarget = entityKey(item)?.pk === aggregate.key.pk;
    const corrected = readInteger(item, watermarkAttribute(REBUILD_STREAM));
    if (isTarget && corrected !== undefined) sums.corrected = corrected;
  }

  #addEntity(key: ItemKey, kind: EntityKind, item: Item): void {
    const counter = this.counter(kind);
    const isPresent = readDecimal(item, 'n').compare(Decimal.ZERO) > 0;
    const crossed = this.#readAfterCut(item, CROSSINGS);
    const present = Decimal.ofInteger(isPresent ? 1 : 0).plus(crossed.negated());
    counter.present = counter.present.plus(present);
    const rankedAs = item.rk && 'S' in item.rk ? item.rk.S : undefined;
    if (rankedAs === kind) return;
    this.#doubtful.push({ key, kind, score: readDecimal(item, 'a'), isPresent, rankedAs });
  }

  #addCounter(kind: EntityKind, item: Item): void {
    const counter = this.counter(kind);
    const value = readDecimal(item, 'v').plus(this.#readAfterCut(item, 'v').negated());
    counter.found = counter.found.plus(value);
    const corrected = readInteger(item, watermarkAttribute(REBUILD_STREAM));
    if (corrected !== undefined) counter.corrected = corrected;
  }

  #sumsOf(aggregate: Aggregate): SurveyedSums {
    const name = `${aggregate.key.pk} ${aggregate.key.sk}`;
    const sums = this.#sums.get(name) ?? { aggregate, expected: NOTHING, found: NOTHING };
    this.#sums.set(name, sums);
    return sums;
  }

  #readSums(item: Item): Delta {
    const prefix = this.#rebuild === undefined ? undefined : afterCutAttribute(this.#rebuild, '');
    const names = Object.keys(item).flatMap((name) =>
      prefix && name.startsWith(prefix) ? [name.slice(prefix.length)] : [name],
    );
    const sums = names.filter((name) => SUM_ATTRIBUTES.test(name));
    return new Map(
      sums.map((name) => [
        name,
        readDecimal(item, name).plus(this.#readAfterCut(item, name).negated()),
      ]),
    );
  }

  #readAfterCut(item: Item, sum: string): Decimal {
    if (this.#rebuild === undefined) return Decimal.ZERO;
    return readDecimal(item, afterCutAttribute(this.#rebuild, sum));
  }
}

/** What must be added to make the sums right; nothing when they are. */
export function correctionOf({ expected, found }: SurveyedSums): Delta {
  const delta = addDeltas(expected, negate(found));
  return isNothing(delta) ? NOTHING : new Map([...delta].filter(([, value]) => !value.isZero));
}

function isEntityKind(name: string): name is EntityKind {
  return ENTITY_KINDS.some((kind) => kind === name);
}
