// Somebody's hand in the table, or a fault that is mended since: figures that are not those of the rows.
// What the rebuild is for.
import type { Random } from '../../support/random.ts';
import type { StoredItem, StoredTable } from '../stores/stored-table.ts';

type Sums = Record<string, [count: number | string, quantity: number | string, amount: string]>;

const KINDS = ['day#', 'customer#', 'product#', 'merge'];

/** Answers whether there was something to damage. */
export function damage(random: Random, table: StoredTable): boolean {
  const kind = random.pick(KINDS);
  const found = [...table.all()].filter(
    ({ pk, sk }) => pk?.S?.startsWith(kind) && sk?.S !== 'plan',
  );
  if (found.length === 0) return false;
  const item = random.pick(found);
  const key = table.keyOf(item, false);
  if (kind !== 'merge' && random.chance(0.2)) {
    table.delete(key);
    return true;
  }
  const document = damaged(random, item);
  if (!document) return false;
  const text = JSON.stringify(document);
  table.write(key, { ...item, v: { N: String(Number(item.v?.N) + 1) }, d: { S: text } });
  return true;
}

function damaged(random: Random, { sk, d }: StoredItem): object | undefined {
  const document = JSON.parse(d?.S ?? '');
  if (sk?.S === 'counters') {
    const { present } = document;
    return { ...document, present: { ...present, customer: present.customer + 1 } };
  }
  const field = 'best' in document ? 'best' : 'sums';
  const sums: Sums = document[field];
  const names = Object.keys(sums);
  if (names.length === 0) return undefined;
  const name = random.pick(names);
  const { [name]: one, ...others } = sums;
  const [count = 0, quantity = 0] = one ?? [];
  const changed: Sums = random.pick([
    others,
    { ...sums, [name]: [Number(count) + 1, quantity, '3.50'] },
    { ...sums, [name]: [count, quantity, '-77.00'] },
  ]);
  return { ...document, [field]: changed };
}
