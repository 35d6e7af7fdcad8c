// The tables of docs/deploy.md, which a test holds to this program. Pure.
import { type Load, loadOf, partitionsFor } from './load.ts';
import { dollarsOf, type Part, partsOf, type Term } from './parts.ts';
import { wallsOf } from './walls.ts';

const RATES = [1, 100, 10_000, 100_000] as const;
/** Below them no limit is near. */
const WALLED = [10_000, 100_000] as const;
/** Rates at which somebody looks for a number of partitions. */
const PARTITIONED = [1_000, 5_000, 10_000, 50_000, 100_000] as const;
const BROKERS_OWN = 'MSK, if it is new';

export function tablesOf(): string[] {
  return [costsTable(), wallsTable(), partitionsTable()];
}

function costsTable(): string {
  const loads = RATES.map((events) => loadOf({ events }));
  const columns = loads.map(partsOf);
  const [first = []] = columns;
  const rows = first.map((part, index) => [
    part.name,
    formulaOf(part),
    ...columns.map((parts) => dollars(parts[index] ? dollarsOf(parts[index]) : 0)),
  ]);
  const totals = (isCounted: (part: Part) => boolean) =>
    columns.map((parts) => `**${dollars(totalOf(parts.filter(isCounted)))}**`);
  return tableOf(
    ['part', 'a month', ...RATES.map((rate) => `${whole(rate)}/s`)],
    [
      ['partitions of a topic', '', ...loads.map(({ partitions }) => whole(partitions))],
      ...rows,
      ['**together**', '', ...totals(() => true)],
      ['**next to an MSK that is there**', '', ...totals(({ name }) => name !== BROKERS_OWN)],
    ],
  );
}

function wallsTable(): string {
  const columns = WALLED.map((events) => wallsOf(loadOf({ events })));
  const [first = []] = columns;
  return tableOf(
    [
      'limit',
      'where it comes from',
      '',
      ...WALLED.map((rate) => `${whole(rate)}/s`),
      'what moves it',
    ],
    first.map(({ name, why, unit, setting }, index) => [
      name,
      why,
      limitOf(columns, index, unit),
      ...columns.map((walls) => {
        const { need = 0, limit = 0 } = walls[index] ?? {};
        return need > limit ? `**${figure(need)}**` : figure(need);
      }),
      setting,
    ]),
  );
}

function limitOf(
  columns: readonly ReturnType<typeof wallsOf>[],
  index: number,
  unit: string,
): string {
  return `${figure(columns[0]?.[index]?.limit ?? 0)} ${unit}`;
}

function partitionsTable(): string {
  const { batchSize } = loadOf({ events: 1 });
  return tableOf(
    ['events a second, at most', ...PARTITIONED.map(whole)],
    [
      [
        'partitions, with a third to spare for catching up',
        ...PARTITIONED.map((rate) => whole(partitionsFor(rate, batchSize))),
      ],
    ],
  );
}

/** Of one load, with all numbers. */
export function textOf(load: Load): string {
  const parts = partsOf(load);
  const lines = parts.map((part) => {
    const terms = part.terms.filter(({ amount }) => amount > 0).map(arithmetic);
    return `${dollars(dollarsOf(part)).padStart(10)}  ${part.name}: ${terms.join(' + ') || 'none'}`;
  });
  const walls = wallsOf(load).map(({ name, need, limit, unit, why, setting }) => {
    const verdict = need > limit ? 'BEYOND' : `${Math.round((100 * need) / limit)} %`;
    return `${verdict.padStart(10)}  ${name}: ${figure(need)} of ${figure(limit)} ${unit} (${why}). Moved by ${setting}.`;
  });
  const total = `${dollars(totalOf(parts)).padStart(10)}  together, US dollars a month in us-east-1`;
  return [...lines, total, '', ...walls, ''].join('\n').replaceAll('`', '');
}

function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + dollarsOf(part), 0);
}

function formulaOf({ terms }: Part): string {
  return terms.map(({ what, price }) => `${what} × ${price}`).join(' + ');
}

function arithmetic({ amount, what, price }: Term): string {
  return `${figure(amount)} ${what} × ${price}`;
}

function dollars(amount: number): string {
  return amount < 10 ? amount.toFixed(1) : whole(Number(amount.toPrecision(2)));
}

function figure(value: number): string {
  return value < 100 ? String(Number(value.toPrecision(2))) : whole(Number(value.toPrecision(3)));
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
