// I144: with gradualDeployment=… two versions take turns only where they read and write the same places, read records alike and are
// called alike. Each setting changed alone: either all aliases are other ones, or what differs is named here.
import { expect, test } from 'vitest';
import { DECODING } from '../../functions/contracts.ts';
import { agreedOn } from '../../lib/settings/agreed.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { CHANGES } from './setting-changes.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { compareTemplates } from './template-changes.ts';

const GRADUALLY = ['AggregateOrders', 'RecordOutcomes', 'ServeApi'];
/** Neither a place, nor how a record is read, nor how a request comes. */
const MAY_DIFFER: readonly string[] = [
  ...['CORS_ORIGINS', 'GRAPHQL_INTROSPECTION', 'FLUSH_INTERVAL', 'LOG_LEVEL'],
  // How to log on to the same database.
  ...['DB_SECRET_ARN', 'DB_SSL', 'NODE_EXTRA_CA_CERTS'],
];

type Resources = ReturnType<typeof resourcesOf>;

function aliasesIn(resources: Resources): unknown[] {
  return resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Alias')
    .map(([, { Properties }]) => Properties.Name);
}

/** What a function is told, one line each. */
function toldIn(resources: Resources): string[] {
  const functions = resources.filter(([id]) =>
    GRADUALLY.some((name) => new RegExp(`^Functions${name}Function[0-9A-F]{8}$`).test(id)),
  );
  expect(functions).toHaveLength(GRADUALLY.length);
  return functions.flatMap(([id, { Properties }]) => {
    const { Environment, Handler } = Properties;
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    return Object.entries({ ...Variables, Handler }).map(
      ([name, value]) => `${name} of ${id}: ${JSON.stringify(value)}`,
    );
  });
}

function differences(before: readonly string[], after: readonly string[]): string[] {
  const lines = [
    ...before.filter((one) => !after.includes(one)),
    ...after.filter((one) => !before.includes(one)),
  ];
  return [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))].sort();
}

const gradually = (context: Context) =>
  resourcesOf(synthesize({ ...context, gradualDeployment: 'Canary10Percent5Minutes' }));

const seen = new Set<string>();

test.for(Object.entries(CHANGES).filter(([key]) => key !== 'gradualDeployment'))(
  '%s',
  ([, { from, to }]) => {
    const [before, after] = [gradually(from), gradually(to)];
    const { replaced } = compareTemplates(new Map(before), new Map(after));
    const names = aliasesIn(before);
    const takeTurns = aliasesIn(after).some((name) => names.includes(name));
    if (replaced.includes('AWS::RDS::DBInstance')) expect(takeTurns).toBe(false);
    if (!takeTurns) return;
    const differing = differences(toldIn(before), toldIn(after));
    for (const name of differing) seen.add(name);
    expect(differing.filter((name) => !MAY_DIFFER.includes(name))).toEqual([]);
  },
);

test('what may differ does so by some setting', () => {
  expect([...seen].sort()).toEqual([...MAY_DIFFER].sort());
});

test('code that reads records otherwise says so in one number', () => {
  expect(agreedOn(readSettings({}).values)[0]).toBe(DECODING);
});
