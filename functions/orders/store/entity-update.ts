// One update of a customer or product, which also notes when its count leaves or reaches zero, so that
// distinct entities are counted exactly without a transaction. Pure.
//
// The note (a mark: offset and +1 or -1) is stored by the very update that crosses zero. To know that
// it crosses, the update's condition names the regime: first "the count stays above zero", nearly
// always right and free; when that is refused, the item is read and the update repeated on condition
// that count and watermark are as read. The partition's counter takes the marks afterwards.
import { Decimal } from '../decimal.ts';
import type { Step } from '../fold.ts';
import type { Cut } from '../image.ts';
import { CROSSINGS, type EntityKind, type ItemKey, marksAttribute } from '../items.ts';
import { afterCut, pendingSteps, planSumUpdate, readDecimal } from './sum-update.ts';
import {
  type Comparison,
  type Conditions,
  type Item,
  number,
  text,
  type UpdateRequest,
} from './update-request.ts';

/** An entity that came (+1) or went (-1) with the records up to `offset`. */
export interface Mark {
  readonly offset: bigint;
  readonly crossing: 1 | -1;
}

/** The batch in hand: the stretch of the stream whose marks go to the counter now. */
export interface Stretch {
  readonly stream: string;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly cut?: Cut;
}

export type EntityPlan =
  | { readonly kind: 'added-before'; readonly marks: readonly Mark[] }
  | { readonly kind: 'update'; readonly request: UpdateRequest; readonly marks: readonly Mark[] };

const COUNT = 'n';

/** `seen` is the item as read after a refusal, `{}` when there is none. */
export function planEntityUpdate(
  key: ItemKey,
  steps: readonly Step[],
  stretch: Stretch,
  seen: Item | undefined,
): EntityPlan {
  const { stream, firstOffset, cut } = stretch;
  const kept = seen ? readMarks(seen, stream).filter((mark) => mark.offset >= firstOffset) : [];
  const keptInStretch = kept.filter((mark) => mark.offset <= stretch.lastOffset);
  const pending = pendingSteps(steps, stream, seen);
  if (!pending) return { kind: 'added-before', marks: keptInStretch };
  const change = pending.delta.get(COUNT) ?? Decimal.ZERO;
  const mark = seen && crossingMark(readDecimal(seen, COUNT), change, pending.lastOffset);
  const sums = planSumUpdate(key, pending, stretch);
  const crossingAfterCut = cut && mark ? afterCut([toStep(mark, CROSSINGS)], cut) : [];
  const request = {
    ...sums,
    add: new Map([...(sums.add ?? []), ...crossingAfterCut]),
    set: new Map([
      ...(sums.set ?? []),
      ...(mark ? ([[marksAttribute(stream), showMarks([...kept, mark])]] as const) : []),
    ]),
    conditions: [...sums.conditions, ...regime(change, seen, mark !== undefined)],
  };
  return { kind: 'update', request, marks: mark ? [...keptInStretch, mark] : keptInStretch };
}

function crossingMark(before: Decimal, change: Decimal, offset: bigint): Mark | undefined {
  const isAbove = (count: Decimal) => count.compare(Decimal.ZERO) > 0;
  const [was, is] = [isAbove(before), isAbove(before.plus(change))];
  return was === is ? undefined : { offset, crossing: is ? 1 : -1 };
}

function regime(change: Decimal, seen: Item | undefined, crosses: boolean): Conditions {
  if (change.isZero) return [];
  const wasAbove = seen && readDecimal(seen, COUNT).compare(Decimal.ZERO) > 0;
  if (seen && (crosses || !wasAbove)) return [countIsAsRead(seen)];
  return [staysAboveZero(change)];
}

function staysAboveZero(change: Decimal): Comparison {
  const floor = change.isNegative ? change.negated() : Decimal.ZERO;
  return { attribute: COUNT, is: '>', value: number(floor) };
}

function countIsAsRead(seen: Item): Comparison {
  const count = seen[COUNT];
  return count ? { attribute: COUNT, is: '=', value: count } : { attribute: COUNT, is: 'absent' };
}

/** The marks of an item as text, `12:1 15:-1`. */
function showMarks(marks: readonly Mark[]) {
  return text(marks.map(({ offset, crossing }) => `${offset}:${crossing}`).join(' '));
}

function readMarks(item: Item, stream: string): Mark[] {
  const value = item[marksAttribute(stream)];
  if (!value || !('S' in value) || value.S === '') return [];
  return value.S.split(' ').map((mark) => {
    const [offset = '', crossing] = mark.split(':');
    return { offset: BigInt(offset), crossing: crossing === '1' ? 1 : -1 };
  });
}

/** The counter's steps: each mark adds its crossing at its offset. */
export function marksToSteps(marks: readonly Mark[]): Step[] {
  return [...marks]
    .sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0))
    .map((mark) => toStep(mark, 'v'));
}

function toStep({ offset, crossing }: Mark, attribute: string): Step {
  return { offset, delta: new Map([[attribute, Decimal.ofInteger(crossing)]]) };
}

/** While the index takes everyone, the key goes along with the sums at no extra cost. */
export function withRankingKey(request: UpdateRequest, kind: EntityKind): UpdateRequest {
  return { ...request, set: new Map([...(request.set ?? []), ['rk', text(kind)]]) };
}
