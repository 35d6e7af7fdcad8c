// Recomputes every aggregate from the row images and compares: whether sums, distinct counters and the
// ranking index are what the rows say. Takes the items of a whole table, one by one. Pure.
import { addDeltas, contributionsOf, type Delta, isNothing } from './contribution.ts';
import { Decimal } from './decimal.ts';
import type { RowImage } from './image.ts';
import { ENTITY_KINDS, type EntityKind } from './items.ts';
import { itemToImage } from './store/image-item.ts';
import { readDecimal } from './store/sum-update.ts';
import type { Item } from './store/update-request.ts';

export interface Difference {
  /** `customer#42`, `day 2025-01-15`, `distinct customers`. */
  readonly aggregate: string;
  readonly attribute: string;
  /** By the row images. */
  readonly expected: string;
  readonly actual: string;
}

export interface AuditResult {
  readonly rows: number;
  readonly aggregates: number;
  readonly differences: readonly Difference[];
}

const SUM_ATTRIBUTES = /^(?:n|a|q|s:.*)$/s;
const NOTHING: Delta = new Map();

export class Audit {
  readonly #expected = new Map<string, Delta>();
  readonly #actual = new Map<string, Delta>();
  readonly #distinct = new Map<EntityKind, Decimal>();
  readonly #floors = new Map<EntityKind, { score: Decimal | undefined; isSettled: boolean }>();
  readonly #unranked: { name: string; kind: EntityKind; score: Decimal }[] = [];
  #rows = 0;

  add(item: Item): void {
    const image = itemToImage(item);
    if (image) this.#addImage(image);
    else this.#addAggregate(item);
  }

  result(): AuditResult {
    const names = new Set([...this.#expected.keys(), ...this.#actual.keys()]);
    const sums = [...names].flatMap((name) =>
      compare(name, this.#expected.get(name) ?? NOTHING, this.#actual.get(name) ?? NOTHING),
    );
    const differences = [...sums, ...this.#compareDistinct(), ...this.#compareRanking()];
    return { rows: this.#rows, aggregates: names.size + ENTITY_KINDS.length, differences };
  }

  #addImage(image: RowImage): void {
    if (image.row) this.#rows += 1;
    // The shard a row's day is counted in does not matter here: shards are added up.
    for (const { aggregate, delta } of contributionsOf(image, 0)) {
      addTo(this.#expected, nameOf(aggregate.key.pk, aggregate.key.sk), delta);
    }
  }

  #addAggregate(item: Item): void {
    const [pk, sk] = [textOf(item, 'pk'), textOf(item, 'sk')];
    const [group = '', name = ''] = pk.split('#');
    if (group === 'distinct' && isEntityKind(name)) {
      const sum = this.#distinct.get(name) ?? Decimal.ZERO;
      this.#distinct.set(name, sum.plus(readDecimal(item, 'v')));
    } else if (group === 'floor' && isEntityKind(name)) {
      const score = item.f && readDecimal(item, 'f');
      this.#floors.set(name, { score, isSettled: item.since === undefined });
    } else {
      addTo(this.#actual, nameOf(pk, sk), sumsOf(item));
      const isCounted = isEntityKind(group) && !readDecimal(item, 'n').isZero;
      if (isCounted && item.rk === undefined) {
        this.#unranked.push({ name: pk, kind: group, score: readDecimal(item, 'a') });
      }
    }
  }

  #compareDistinct(): Difference[] {
    return ENTITY_KINDS.flatMap((kind) => {
      const entities = [...this.#expected].filter(
        ([name, sums]) => name.startsWith(`${kind}#`) && !sums.get('n')?.isZero,
      );
      const expected = new Map([['v', Decimal.ofInteger(entities.length)]]);
      const actual = new Map([['v', this.#distinct.get(kind) ?? Decimal.ZERO]]);
      return compare(`distinct ${kind}s`, expected, actual);
    });
  }

  /** While a floor is being lowered the index is known to lack some, and no report reads it. */
  #compareRanking(): Difference[] {
    return this.#unranked.flatMap(({ name, kind, score }) => {
      const floor = this.#floors.get(kind);
      const belongs = !floor?.score || score.compare(floor.score) >= 0;
      return belongs && (floor?.isSettled ?? true)
        ? [{ aggregate: name, attribute: 'rk', expected: kind, actual: 'absent' }]
        : [];
    });
  }
}

function compare(aggregate: string, expected: Delta, actual: Delta): Difference[] {
  const attributes = new Set([...expected.keys(), ...actual.keys()]);
  return [...attributes].flatMap((attribute) => {
    const [want, have] = [expected, actual].map((sums) => sums.get(attribute) ?? Decimal.ZERO);
    return !want || !have || want.compare(have) === 0
      ? []
      : [{ aggregate, attribute, expected: want.toText(), actual: have.toText() }];
  });
}

function addTo(sums: Map<string, Delta>, name: string, delta: Delta): void {
  const sum = addDeltas(sums.get(name) ?? NOTHING, delta);
  if (isNothing(sum)) sums.delete(name);
  else sums.set(name, sum);
}

function sumsOf(item: Item): Delta {
  const attributes = Object.keys(item).filter((name) => SUM_ATTRIBUTES.test(name));
  return new Map(attributes.map((name) => [name, readDecimal(item, name)]));
}

function nameOf(pk: string, sk: string): string {
  return pk.startsWith('day#') ? `day ${sk}` : pk;
}

function isEntityKind(name: string): name is EntityKind {
  return ENTITY_KINDS.some((kind) => kind === name);
}

function textOf(item: Item, attribute: string): string {
  const value = item[attribute];
  return value && 'S' in value ? value.S : '';
}
