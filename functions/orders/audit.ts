// Recomputes every aggregate from the row images and compares: whether sums, distinct counters and the
// ranking index are what the rows say. Takes the items of a whole table, one by one. Pure.
import type { Delta } from './contribution.ts';
import { Decimal } from './decimal.ts';
import { ENTITY_KINDS, type EntityKind, type ItemKey } from './items.ts';
import type { Item } from './store/update-request.ts';
import { Survey } from './survey.ts';

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

export class Audit {
  readonly #survey = new Survey();

  add(item: Item): void {
    this.#survey.add(item);
  }

  result(): AuditResult {
    const { rows, sums } = this.#survey;
    const differences = [
      ...sums.flatMap(({ aggregate, expected, found }) =>
        compare(nameOf(aggregate.key), expected, found),
      ),
      ...ENTITY_KINDS.flatMap((kind) => this.#compareCounter(kind)),
      ...this.#compareRanking(),
    ];
    return { rows, aggregates: sums.length + ENTITY_KINDS.length, differences };
  }

  #compareCounter(kind: EntityKind): Difference[] {
    const entities = this.#survey.sums.filter(
      ({ aggregate, expected }) => aggregate.entity === kind && expected.get('n')?.isZero === false,
    );
    const expected = new Map([['v', Decimal.ofInteger(entities.length)]]);
    const found = new Map([['v', this.#survey.counter(kind).found]]);
    return compare(`distinct ${kind}s`, expected, found);
  }

  #compareRanking(): Difference[] {
    return this.#survey.misranked().map(({ key, kind, rankedAs = 'absent', belongs }) => {
      const expected = belongs ? kind : 'absent';
      return { aggregate: key.pk, attribute: 'rk', expected, actual: rankedAs };
    });
  }
}

export function compare(aggregate: string, expected: Delta, actual: Delta): Difference[] {
  const attributes = new Set([...expected.keys(), ...actual.keys()]);
  return [...attributes].flatMap((attribute) => {
    const [want, have] = [expected, actual].map((sums) => sums.get(attribute) ?? Decimal.ZERO);
    return !want || !have || want.compare(have) === 0
      ? []
      : [{ aggregate, attribute, expected: want.toText(), actual: have.toText() }];
  });
}

export function nameOf({ pk, sk }: ItemKey): string {
  return pk.startsWith('day#') ? `day ${sk}` : pk;
}
