// Requests against the statements of a role: what IAM would say, and whether the statements grant more
// than the requests need.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Statement } from './deployed.ts';
import { ACCOUNT } from './resolve.ts';

export interface Request {
  readonly action: string;
  /** An ARN, or `*` for an action for which IAM knows no resource. */
  readonly resource: string;
  /** Of a key: the service that asks in the name of whoever calls it. */
  readonly via?: string;
}

/** A request that must be allowed. */
export interface Need extends Request {
  /** As narrow as a policy can say it, where the resource itself is not known beforehand. */
  readonly within?: string;
}

export const show = ({ action, resource }: Request) => `${action} on ${resource}`;

/** A key leaves it to the account's policies, as Amazon's default for keys does. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      ...{ Effect: 'Allow', Action: 'kms:*', Resource: '*' },
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    },
  ],
};

/** @throws {TypeError} on a request that no client could make: an unknown action, a resource of another type. */
export async function isAllowed(
  statements: readonly Statement[],
  { action, resource, via }: Request,
): Promise<boolean> {
  const policy = { Version: '2012-10-17', Statement: statements };
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/of-a-function`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: via ? { 'kms:ViaService': via } : {},
      },
      identityPolicies: statements.length > 0 ? [{ name: 'role', policy }] : [],
      ...(action.startsWith('kms:') && { resourcePolicy: KEY_POLICY }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType !== 'error') return answer.overallResult === 'Allowed';
  throw new TypeError(`${show({ action, resource })}: ${JSON.stringify(answer.errors)}`);
}

export interface Differences {
  /** Needed and not allowed. */
  readonly refused: readonly string[];
  /** Granted and not needed, or granted on more than is needed. */
  readonly needless: readonly string[];
}

export async function compare(
  statements: readonly Statement[],
  needs: readonly Need[],
): Promise<Differences> {
  const needed = new Set(
    needs.map(({ action, resource, within = resource }) => show({ action, resource: within })),
  );
  const needless = grants(statements)
    .map(show)
    .filter((grant) => !needed.has(grant));
  const answers = await Promise.all(needs.map((need) => isAllowed(statements, need)));
  const refused = needs.filter((_, index) => !answers[index]).map(show);
  return { refused, needless };
}

/** Each action with each resource; a resource may be a pattern. */
export function grants(statements: readonly Statement[]): Request[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))),
    );
}

/** A statement for each grant, so that one of them can be taken away or changed. */
export function toStatements(requests: readonly Request[]): Statement[] {
  return requests.map(({ action, resource }) => ({
    Effect: 'Allow',
    Action: [action],
    Resource: [resource],
  }));
}
