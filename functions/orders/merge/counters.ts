// How many customers and products there are, as text and back. Pure.
import type { EntityKind } from '../fold/sums.ts';
import { itemKeys } from '../table/items.ts';
import type { Document } from './document.ts';

export interface Counters {
  readonly epoch: number;
  /** Entities with a count above zero. */
  readonly present: Readonly<Record<EntityKind, number>>;
  /** Entities, and statuses of days, with a count below zero: there are none unless something is damaged. */
  readonly broken: number;
}

export const COUNTERS: Document<Counters> = {
  key: itemKeys.counters,
  none: { epoch: 0, present: { customer: 0, product: 0 }, broken: 0 },
  pack: JSON.stringify,
  unpack: JSON.parse,
};
