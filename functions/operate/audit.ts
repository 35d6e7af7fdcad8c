// What an audit tells: the orders' part, then the outcomes'. As text, or as one JSON document whose parts follow
// each other, so that they may be of two invocations. Pure.
import type { SteadyAudit } from '../orders/repair/audit.ts';
import type { Difference } from '../orders/repair/differences.ts';
import type { RollupsResult } from '../outcomes/store/rollups-store.ts';
import { showDifference } from './differences.ts';

const SHOWN_MAX = 50;

const ADVICE =
  'If a replay or consume was killed in the middle of a batch, run it again first: that mends it. ' +
  'What stays, "npm run rebuild" mends.';
const DOUBT =
  'Batches were under way: these differed in the same way at every look. ' +
  '"npm run rebuild -- --dry-run" measures exactly.';

export function showOrders(orders: SteadyAudit, asJson: boolean): string {
  if (asJson) return JSON.stringify(orders).slice(0, -1);
  const { rows, aggregates, differences, isQuiet } = orders;
  const scope = `${rows} rows, ${aggregates} aggregates`;
  const isSound = differences.length === 0;
  return lines([
    ...section(scope, 'the aggregates equal the row images', differences),
    ...(isSound || isQuiet ? [] : [DOUBT]),
    ...(isSound ? [] : [ADVICE]),
  ]);
}

/** @param outcomes undefined: there are none. */
export function showOutcomes(outcomes: RollupsResult | undefined, asJson: boolean): string {
  if (asJson) return `${outcomes ? `,"outcomes":${JSON.stringify(outcomes)}` : ''}}\n`;
  if (!outcomes) return '';
  const { rows, differences } = outcomes;
  return lines(section(`${rows} outcomes`, 'the rollups equal the rows', differences));
}

const lines = (some: readonly string[]) => some.map((line) => `${line}\n`).join('');

function section(scope: string, sound: string, differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [`${scope}: ${sound}.`];
  const more = differences.length - SHOWN_MAX;
  return [
    `${scope}: ${differences.length} differences.`,
    ...differences.slice(0, SHOWN_MAX).map((one) => `  ${showDifference(one)}`),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
  ];
}
