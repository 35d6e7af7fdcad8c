// I36: the template lets each function do what it does, and nothing else. What it does is recorded while
// its bundle runs; what Lambda does in its role is listed with Amazon's pages.
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { codeNeeds } from './privileges/code-needs.ts';
import { type DeployedFunction, deploy, type Statement } from './privileges/deployed.ts';
import { recordCalls } from './privileges/drive.ts';
import { lambdaNeeds } from './privileges/lambda-needs.ts';
import {
  commandsIn,
  reachableCalls,
  TABLE_CALLS,
  tableStore,
} from './privileges/reachable-calls.ts';
import type { Call } from './privileges/recorder.ts';
import { needsOfOthers, notNeeded, strangeRequests } from './privileges/refused.ts';
import {
  compare,
  grants,
  isAllowed,
  type Need,
  type Request,
  show,
  toStatements,
} from './privileges/simulate.ts';
import { VARIANTS } from './variants.ts';

const server = useTestPostgres();
const NOTHING = { refused: [], needless: [] };
let calls: readonly Call[] = [];

beforeAll(async () => {
  calls = await recordCalls(server);
}, 120_000);

const needsOf = (own: DeployedFunction, deployed: ReturnType<typeof deploy>): Need[] => {
  const all = [...codeNeeds(own, deployed, calls), ...lambdaNeeds(own)];
  return [...new Map(all.map((need) => [show(need), need])).values()];
};

test.for(FUNCTIONS)('%s: the recording saw each call that its source can make', (name) => {
  const own = calls.filter(({ functionName }) => functionName === name);
  const seen = own.map(
    ({ operation, path }) => operation + (path.startsWith('/index/') ? path : ''),
  );
  expect([...new Set(seen)].sort()).toEqual([...reachableCalls(name)].sort());
});

test("the table's methods are known with what they send", () => {
  const sent = Object.values(TABLE_CALLS).map((call) => call.replace(/\/.*$/, ''));
  expect(new Set(commandsIn(tableStore()))).toEqual(new Set(sent));
  const [, methods = ''] = /^export interface Table \{(.*?)^\}/ms.exec(tableStore()) ?? [];
  const declared = [...methods.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  expect(declared.sort()).toEqual(Object.keys(TABLE_CALLS).sort());
});

describe.for(Object.keys(VARIANTS))('%s', (variant) => {
  const deployed = deploy(VARIANTS[variant] ?? {});

  test.for(deployed.functions)('$name may do all that it needs, and nothing else', async (own) => {
    const needs = needsOf(own, deployed);
    expect(needs.length).toBeGreaterThan(2);
    expect(await compare(own.role.statements, needs)).toEqual(NOTHING);
    expect(own.role.managed).toEqual([]);
  });

  test.for(deployed.functions)(
    '$name: what others may, and what nobody should, is refused',
    async (own) => {
      const needs = new Map(deployed.functions.map((one) => [one, needsOf(one, deployed)]));
      const refused = [...strangeRequests(deployed), ...needsOfOthers(own, needs)];
      const requests = notNeeded(refused, needsOf(own, deployed));
      expect(requests.length).toBeGreaterThan(60);
      const allowed = await Promise.all(requests.map((one) => isAllowed(own.role.statements, one)));
      expect(requests.filter((_, index) => allowed[index]).map(show)).toEqual([]);
    },
  );
});

const CHANGED = ['new cluster', 'existing database with passwords'];
describe.for(CHANGED)('%s: the comparison notices', (variant) => {
  const deployed = deploy(VARIANTS[variant] ?? {});

  test.for(deployed.functions)('$name: each action that is taken away', async (own) => {
    const needs = needsOf(own, deployed);
    const granted = grants(own.role.statements);
    for (const gone of granted) {
      const rest = toStatements(granted.filter((one) => one !== gone));
      const { refused, needless } = await compare(rest, needs);
      expect(refused, `without ${show(gone)}`).not.toEqual([]);
      expect(refused.every((one) => one.startsWith(`${gone.action} on `))).toBe(true);
      expect(needless).toEqual([]);
    }
  });

  test.for(deployed.functions)('$name: each resource that is widened', async (own) => {
    const needs = needsOf(own, deployed);
    const granted = grants(own.role.statements);
    for (const grant of granted.filter(({ resource }) => resource !== '*')) {
      for (const resource of ['*', `${grant.resource}*`, grant.resource.replace(/[^/:]*$/, '*')]) {
        if (resource === grant.resource) continue;
        const wide = { ...grant, resource };
        const changed = toStatements(granted.map((one) => (one === grant ? wide : one)));
        expect(await compare(changed, needs)).toEqual({ refused: [], needless: [show(wide)] });
      }
    }
  });

  test.for(deployed.functions)('$name: an action that is added', async (own) => {
    const needs = needsOf(own, deployed);
    const { statements } = own.role;
    for (const added of addedTo(statements)) {
      const { refused, needless } = await compare([...statements, ...toStatements([added])], needs);
      expect({ refused, needless }).toEqual({ refused: [], needless: [show(added)] });
    }
  });
});

/** On each resource that is there: all that can be done with it, and the taking away of it. */
function addedTo(statements: readonly Statement[]): Request[] {
  const added = grants(statements).flatMap(({ action, resource }) => {
    const [service] = action.split(':');
    return [`${service}:*`, `${service}:Delete*`].map((one) => ({ action: one, resource }));
  });
  return [...new Map(added.map((one) => [show(one), one])).values()];
}
