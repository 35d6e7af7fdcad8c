import { afterAll, expect, test } from 'vitest';
import {
  addNagChecks,
  findNagFindings,
  NAG_EXCEPTIONS,
  type NagException,
} from '../../lib/nag-checks.ts';
import { makeStack } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const used = new Set<NagException>();

test.for(Object.entries(VARIANTS))(
  '%s: every finding of AwsSolutions is justified',
  ([, context]) => {
    const findings = findNagFindings(makeStack(context).app);
    for (const { exception } of findings) if (exception) used.add(exception);
    const open = findings.filter(({ exception }) => !exception);
    expect(open.map(({ rule, construct }) => `${rule} at ${construct.node.path}`)).toEqual([]);
  },
);

test('an exception leaves nothing open in the synthesized app, and one that is missing does', () => {
  const { app } = makeStack({});
  expect(findNagFindings(app).length).toBeGreaterThan(5);
  addNagChecks(app);
  expect(findNagFindings(app)).toEqual([]);
});

afterAll(() => {
  const unused = NAG_EXCEPTIONS.filter((exception) => !used.has(exception));
  expect(unused.map(({ rule, at }) => `${rule} at ${at}`)).toEqual([]);
});
