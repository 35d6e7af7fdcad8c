// A report as rows instead of an object by key: as CSV, or as JSON with a list. So the order of the ranked ones
// survives in clients whose objects sort integer-like keys. Every number keeps its digits. Pure.
import type { ReportName } from '../../contracts.ts';
import { csvLine } from './csv.ts';
import {
  isMembers,
  type Members,
  NumberText,
  type OrderedNode,
  readOrderedJson,
} from './ordered-json.ts';

interface RowForm {
  /** Where in the document the rows are. */
  readonly member: string;
  /** What the key of a row is called. */
  readonly key: string;
  readonly isRanked?: true;
  /** The numbers of a row; a row that is one number has one. */
  readonly figures: readonly string[];
}

const FORMS: Readonly<Record<ReportName, RowForm>> = {
  daily_sales: { member: 'data', key: 'date', figures: ['total_amount', 'order_count'] },
  product_sales: {
    ...{ member: 'data', key: 'product_id', isRanked: true },
    figures: ['quantity_sold', 'total_revenue'],
  },
  customer_metrics: {
    ...{ member: 'data', key: 'customer_id', isRanked: true },
    figures: ['order_count', 'total_spent'],
  },
  order_status: { member: 'data', key: 'status', figures: ['order_count'] },
  summary: { member: 'metrics', key: 'metric', figures: ['value'] },
};

interface ReportRows {
  readonly reportType: string;
  readonly generatedAt: string;
  readonly columns: readonly string[];
  /** In the document's order: keys as text, numbers as they stand there. */
  readonly rows: readonly (readonly (string | NumberText)[])[];
}

const GENERATED_AT = /"generated_at":\s*"([^"\\]*)"/;

/** Of any of the five, without reading the rest. */
export function readGeneratedAt(document: string): string | undefined {
  return GENERATED_AT.exec(document)?.[1];
}

/** @throws {TypeError} when the document is not of its report's form. */
export function readReportRows(name: ReportName, document: string): ReportRows {
  const { member, key, isRanked, figures } = FORMS[name];
  const content = membersOf(readOrderedJson(document), name);
  const rows = flatten(membersOf(content.get(member), name)).map(([label, node], index) => [
    ...(isRanked ? [new NumberText(String(index + 1))] : []),
    label,
    ...(isMembers(node) ? figures.map((figure) => node.get(figure)) : [node]).map((figure) =>
      numberOf(figure, name),
    ),
  ]);
  return {
    reportType: textOf(content.get('report_type'), name),
    generatedAt: textOf(content.get('generated_at'), name),
    columns: [...(isRanked ? ['rank'] : []), key, ...figures],
    rows,
  };
}

export function reportCsv({ columns, rows }: ReportRows): string {
  const lines = rows.map((row) =>
    csvLine(row.map((cell) => (cell instanceof NumberText ? cell.text : cell))),
  );
  return csvLine(columns) + lines.join('');
}

export function reportList({ reportType, generatedAt, columns, rows }: ReportRows): object {
  const data = rows.map((row) =>
    Object.fromEntries(
      row.map((cell, index) => [
        columns[index] ?? '',
        cell instanceof NumberText ? JSON.rawJSON(cell.text) : cell,
      ]),
    ),
  );
  return { report_type: reportType, generated_at: generatedAt, data };
}

/** The summary has counts by status among its figures: each is a row, `order_status_breakdown.<status>`. */
function flatten(members: Members): (readonly [string, OrderedNode])[] {
  return [...members].flatMap(([label, node]) =>
    label === 'order_status_breakdown' && isMembers(node)
      ? [...node].map(([status, count]) => [`${label}.${status}`, count] as const)
      : [[label, node] as const],
  );
}

function membersOf(node: OrderedNode | undefined, name: ReportName): Members {
  if (isMembers(node)) return node;
  throw unknownForm(name);
}

function numberOf(node: OrderedNode | undefined, name: ReportName): NumberText {
  if (node instanceof NumberText) return node;
  throw unknownForm(name);
}

function textOf(node: OrderedNode | undefined, name: ReportName): string {
  if (typeof node === 'string') return node;
  throw unknownForm(name);
}

function unknownForm(name: ReportName): TypeError {
  return new TypeError(`The stored document of ${name} is not of that report's form.`);
}
