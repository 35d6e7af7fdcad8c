// One item that holds one value of the base: the counters, or a ranking. Pure.
import type { ItemKey } from '../table/items.ts';

export interface Document<T> {
  readonly key: ItemKey;
  readonly none: T;
  readonly pack: (value: T) => string;
  readonly unpack: (text: string) => T;
}
