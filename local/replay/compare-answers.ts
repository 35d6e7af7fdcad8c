// The reports beside what SQL on the source tables said, as the captures' `.answers.json` have it. Pure.
import type { ReportName } from '../../functions/contracts.ts';
import { UserError } from '../shared/user-error.ts';
import { type Answers, expectedReports, onOneLine } from './answers.ts';

export interface Comparison {
  readonly report: string;
  /** Empty: the report is the answer, to the digit and in rank order. */
  readonly differences: readonly string[];
}

const LISTS = ['daily_sales', 'order_status_distribution', 'customer_metrics', 'product_sales'];
const ORDER_DIFFERS = 'all figures are equal, their order is not';

/** @throws {UserError} when the text is no file of answers. */
export function readAnswers(text: string, path: string): Answers {
  const answers = parse(text);
  const isWhole =
    LISTS.every((name) => Array.isArray(answers[name])) && typeof answers.summary === 'object';
  if (isWhole) return answers as object as Answers;
  throw new UserError(
    `${path} holds no answers: it must be JSON with the lists ${LISTS.join(', ')}, and summary.`,
  );
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

export function compareReports(
  reports: ReadonlyMap<ReportName, string>,
  answers: Answers,
): Comparison[] {
  return [...reports].map(([report, text]) => {
    const written = onOneLine(text);
    const [, generatedAt = ''] = /"generated_at": "([^"]+)"/.exec(written) ?? [];
    const expected = expectedReports(answers, generatedAt)[report] ?? '{}';
    return { report, differences: written === expected ? [] : differencesOf(written, expected) };
  });
}

function differencesOf(written: string, expected: string): string[] {
  const [ours, theirs] = [figuresOf(written), figuresOf(expected)];
  const names = [...new Set([...theirs.keys(), ...ours.keys()])];
  const differences = names
    .filter((name) => ours.get(name) !== theirs.get(name))
    .map((name) => `${name}: ${ours.get(name) ?? 'none'}, by SQL ${theirs.get(name) ?? 'none'}`);
  return differences.length > 0 ? differences : [ORDER_DIFFERS];
}

/** Each figure by its path, with the digits that stand in the document. */
function figuresOf(document: string): ReadonlyMap<string, string> {
  const figures = new Map<string, string>();
  function walk(path: string, value: unknown): void {
    if (typeof value !== 'object' || value === null) figures.set(path, String(value));
    else for (const [name, inner] of Object.entries(value)) walk(`${path} ${name}`.trim(), inner);
  }
  const exact = (_name: string, value: unknown, { source }: { source?: string }) =>
    typeof value === 'number' ? source : value;
  walk('', JSON.parse(document, exact));
  return figures;
}
