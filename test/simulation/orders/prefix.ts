// The rows of the source as the prefixes of the streams tell them: what SQL would be over, if it saw so much
// and no more. By the source's own order, which the records carry for the auditor alone.
import type { Row } from './source.ts';
import type { Log } from './topics.ts';

/** Of which change of which row a record is. */
export interface Truth {
  /** The row by its key. */
  readonly name: string;
  /** After the change; `undefined`: it is gone. */
  readonly row: Row | undefined;
  /** How far the source was. */
  readonly order: number;
  /** Whether the record says so to its readers, so that an older one is known to be older. */
  readonly isOrdered: boolean;
  /** The status is not in the record: the row keeps the one it has. */
  readonly isStatusUnavailable: boolean;
}

/** The last offset of each stream. */
export type Prefixes = ReadonlyMap<string, bigint>;

export interface PrefixRows {
  readonly rows: readonly Row[];
  /**
   * Rows of which one stream's prefix has a record, and another's lacks an earlier one: as it may be for
   * those that have moved from one to the other.
   */
  readonly torn: readonly string[];
}

interface Sent {
  readonly truth: Truth;
  readonly at: number;
  readonly isWithin: boolean;
}

export function rowsOf(logs: readonly Log[], prefixes: Prefixes): PrefixRows {
  const byRow = Map.groupBy(
    logs.flatMap((log) => sentOf(log, prefixes)).sort((a, b) => a.at - b.at),
    ({ truth }) => truth.name,
  );
  const rows: Row[] = [];
  const torn: string[] = [];
  for (const [name, sent] of byRow) {
    const within = sent.filter(({ isWithin }) => isWithin);
    const row = lastOf(within.map(({ truth }) => truth));
    if (row) rows.push(row);
    const first = sent.findIndex(({ isWithin }) => !isWithin);
    if (first >= 0 && sent.slice(first).some(({ isWithin }) => isWithin)) torn.push(name);
  }
  return { rows, torn };
}

function sentOf({ stream, records, notes }: Log, prefixes: Prefixes): Sent[] {
  const last = prefixes.get(stream) ?? -1n;
  return records.flatMap(({ offset }, index) => {
    const { truth, at } = notes[index] ?? {};
    return truth && at !== undefined ? [{ truth, at, isWithin: BigInt(offset) <= last }] : [];
  });
}

/** The row after its changes as they were sent: again, in part, or by a snapshot, which tells no order. */
function lastOf(changes: readonly Truth[]): Row | undefined {
  let last: Truth | undefined;
  let row: Row | undefined;
  for (const change of changes) {
    const isOld = last?.isOrdered && change.isOrdered && change.order < last.order;
    const next = withStatus(change, row);
    const isUnknown = change.row !== undefined && next === undefined;
    if (isOld || isUnknown) continue;
    row = next;
    last = change;
  }
  return row;
}

/** `undefined` for a row whose status nobody can know, too. */
function withStatus({ row, isStatusUnavailable }: Truth, known: Row | undefined): Row | undefined {
  if (!isStatusUnavailable || row?.table !== 'orders') return row;
  if (known?.table !== 'orders') return undefined;
  return { ...row, values: { ...row.values, status: known.values.status } };
}
