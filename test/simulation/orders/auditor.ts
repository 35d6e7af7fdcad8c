// What must be true of the outcome, checked from outside: from the source's rows, the records' fates and
// the bytes in S3. Imports nothing of the fold.

import { REPORT_NAMES } from './expected-reports.ts';
import type { Fate, Log } from './topics.ts';

const QUARANTINE = 'quarantine/';

interface Totals {
  readonly orders: bigint;
  readonly cents: bigint;
}

/** What holds for the documents of a run at any moment. Answers what does not. */
export function checkAgreement(documents: ReadonlyMap<string, string>): string[] {
  const all = new Map([...documents].map(([name, text]) => [name, parse(text)]));
  const [days, statuses, summary] = ['daily_sales', 'order_status', 'summary'].map((name) =>
    all.get(name),
  );
  const metrics = treeAt(summary, 'metrics');
  const daily = treeAt(days, 'data');
  const sums = Object.keys(daily).reduce<Totals>(
    ({ orders, cents }, day) => ({
      orders: orders + BigInt(textAt(treeAt(daily, day), 'order_count')),
      cents: cents + toCents(textAt(treeAt(daily, day), 'total_amount')),
    }),
    { orders: 0n, cents: 0n },
  );
  const byStatus = Object.values(treeAt(statuses, 'data')).reduce<bigint>(
    (sum, count) => sum + BigInt(String(count)),
    0n,
  );
  const times = new Set([...all.values()].map(({ generated_at }) => generated_at));
  const facts: [string, boolean][] = [
    ['all five are there', all.size === REPORT_NAMES.length],
    ['all five are of one moment', times.size === 1],
    ['total_orders is the sum of the days', textAt(metrics, 'total_orders') === `${sums.orders}`],
    ['total_orders is the sum of the statuses', byStatus === sums.orders],
    [
      'total_revenue is the sum of the days',
      toCents(textAt(metrics, 'total_revenue')) === sums.cents,
    ],
    [
      'the summary has the statuses of the distribution',
      JSON.stringify(statuses?.data) === JSON.stringify(metrics.order_status_breakdown),
    ],
  ];
  return facts.flatMap(([fact, isTrue]) =>
    isTrue ? [] : [`Not so in one run's reports: ${fact}.\n${[...documents.values()].join('\n')}`],
  );
}

interface Tree {
  readonly [name: string]: unknown;
}

/** Numbers as the text they had. */
function parse(text: string): Tree {
  return JSON.parse<unknown>(text, (_name, value, { source }) =>
    typeof value === 'number' ? source : value,
  ) as Tree;
}

function treeAt(tree: Tree | undefined, name: string): Tree {
  const value = tree?.[name];
  return typeof value === 'object' && value !== null ? (value as Tree) : {};
}

function textAt(tree: Tree, name: string): string {
  return String(tree[name] ?? '0');
}

function toCents(money: string): bigint {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)\.(\d\d)$/.exec(money) ?? [];
  const cents = BigInt(whole + fraction);
  return sign === '-' ? -cents : cents;
}

interface Objects {
  readonly keys: readonly string[];
  read(key: string): string | undefined;
}

/**
 * Quarantine must hold the poison records, all they carried, and nothing else.
 * @param retired what the topics held before they were made anew, under the same positions
 */
export function checkQuarantine(
  logs: readonly Log[],
  retired: readonly Log[],
  objects: Objects,
): string[] {
  const found = new Set(objects.keys.filter((key) => key.startsWith(QUARANTINE)));
  // Two epochs of a topic share the key of a position: what was written last is there.
  const older = Map.groupBy(
    retired.flatMap(positions).filter(([, { fate }]) => fate !== 'readable'),
    ([key]) => key,
  );
  const failures = logs.flatMap(positions).flatMap(([key, { value, fate }]) => {
    if (!found.delete(key)) return fate === 'poison' ? [`${key} is missing: ${value}`] : [];
    const document = objects.read(key) ?? '';
    const isOfOlder = older.get(key)?.some(([, record]) => keeps(document, record.value));
    if (isOfOlder) return [];
    if (fate === 'readable') return [`${key} is no poison: ${document}`];
    return keeps(document, value) ? [] : [`${key} does not keep ${value}`];
  });
  const unknown = [...found].filter((key) => !older.has(key));
  return [...failures, ...unknown.map((key) => `${key} is of no poison record`)];
}

type Position = readonly [key: string, record: { value: string | Buffer | null; fate: Fate }];

function positions({ records, notes }: Log): Position[] {
  return records.map(({ topic, partition, offset, value }, at) => [
    `${QUARANTINE}${topic}/${partition}/${offset}.json`,
    { value, fate: notes[at]?.fate ?? 'readable' },
  ]);
}

function keeps(document: string, value: string | Buffer | null): boolean {
  const kept = JSON.parse(document);
  if (kept.value_base64 === undefined) return kept.value === value;
  return Buffer.isBuffer(value) && kept.value_base64 === value.toString('base64');
}
