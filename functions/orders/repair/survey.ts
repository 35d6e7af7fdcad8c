// What the base says and what the row images say, side by side. Takes the documents of a whole table, one by
// one, in any order; at a rebuild's cuts, each row as it was there. Pure.

import { contributionsOf } from '../fold/contribution.ts';
import { rowName } from '../fold/fold.ts';
import { newestOf, type RowImage } from '../fold/image.ts';
import { AGGREGATE_KINDS, type AggregateKind, negated, SumsByName } from '../fold/sums.ts';
import { type BasePage, unpackBasePage } from '../merge/base.ts';
import { type KeptImage, type Page, type TextOf, unpackPage } from '../pages/page.ts';
import { PAGE_TABLES } from '../pages/place.ts';
import type { Stored } from '../table/table-store.ts';

export interface Cuts {
  readonly rebuild: number;
  /** The last offset of each stream that is before its cut. */
  readonly offsets: ReadonlyMap<string, bigint>;
}

export class Survey {
  readonly #cuts: Cuts | undefined;
  readonly #rows = new Map<string, RowImage[]>();
  readonly #base = new SumsByName();
  readonly #epochs = new Map<AggregateKind, Map<string, number>>();

  constructor(cuts?: Cuts) {
    this.#cuts = cuts;
  }

  add({ key, text }: Stored, textOf: TextOf): void {
    const group = key.pk.slice(0, key.pk.indexOf('#'));
    const table = PAGE_TABLES.find((name) => name === group);
    if (table) this.#addImages(unpackPage(table, key.sk, text, textOf), key.sk);
    const kind = AGGREGATE_KINDS.find((name) => name === group);
    if (kind) this.#addBase(kind, key.sk, unpackBasePage(text));
  }

  /** What the base holds, and the last plan that changed each of its pages. */
  get base(): SumsByName {
    return this.#base;
  }

  epochOf(kind: AggregateKind, page: string): number {
    return this.#epochs.get(kind)?.get(page) ?? 0;
  }

  /** What the rows add up to. */
  expected(): { rows: number; sums: SumsByName } {
    const sums = new SumsByName();
    let rows = 0;
    for (const images of this.#rows.values()) {
      const newest = newestOf(images);
      if (newest?.row) rows += 1;
      for (const { kind, name, sums: added } of contributionsOf(newest))
        sums.add(kind, name, added);
    }
    return { rows, sums };
  }

  #addImages(page: Page, stream: string): void {
    for (const kept of page.kept) {
      const image = this.#atCut(kept, stream);
      if (!image) continue;
      const name = rowName(image);
      const images = this.#rows.get(name);
      if (images) images.push(image);
      else this.#rows.set(name, [image]);
    }
  }

  #atCut({ image, atCut }: KeptImage, stream: string): RowImage | undefined {
    if (!this.#cuts) return image;
    if (atCut?.rebuild === this.#cuts.rebuild) return atCut.image;
    const offset = this.#cuts.offsets.get(stream);
    // A stream that began after the cuts has nothing before them.
    return offset !== undefined && image.offset <= offset ? image : undefined;
  }

  #addBase(kind: AggregateKind, name: string, page: BasePage): void {
    const epochs = this.#epochs.get(kind) ?? new Map<string, number>();
    this.#epochs.set(kind, epochs.set(name, page.epoch));
    for (const [entity, sums] of page.sums) this.#base.add(kind, entity, sums);
  }
}

/** What must be added to one to make it the other. */
export function differenceOf(wanted: SumsByName, found: SumsByName): SumsByName {
  const difference = new SumsByName();
  for (const kind of AGGREGATE_KINDS) {
    for (const [name, sums] of wanted.of(kind)) difference.add(kind, name, sums);
    for (const [name, sums] of found.of(kind)) difference.add(kind, name, negated(sums));
  }
  return difference;
}
