// I138: with endpointPolicies=service an endpoint lets through what the service asks for, by principals of this account, and
// what comes without an account: Lambda's own pollers, layers of images.
import { describe, expect, test } from 'vitest';
import { deploy, readStatements } from './privileges/deployed.ts';
import { Resolver } from './privileges/resolve.ts';
import { grants, isAllowed, show } from './privileges/simulate.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const RESTRICTED = Object.entries(VARIANTS).filter(
  ([, { endpointPolicies }]) => endpointPolicies === 'service',
);
const OF_ACCOUNT = { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } };
const LAYERS = 's3:GetObject on arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*';

interface PolicyOfEndpoint {
  readonly Statement: readonly { readonly Principal: unknown; readonly Condition?: unknown }[];
}

/** By the service's name. */
function policiesOf(context: Context): Map<string, unknown> {
  const made = resourcesOf(synthesize(context), 'AWS::EC2::VPCEndpoint');
  return new Map(
    made.map(([, { Properties }]) => [
      JSON.stringify(Properties.ServiceName).replace(/^.*[."]([a-z0-9]+)".*$/, '$1'),
      Properties.PolicyDocument,
    ]),
  );
}

test('without the setting no endpoint has a policy', () => {
  expect([...policiesOf({}).values()]).toEqual(Array(5).fill(undefined));
});

describe.for(RESTRICTED)('%s', ([, context]) => {
  const policies = policiesOf(context);
  const resolver = new Resolver(resourcesOf(synthesize(context)));
  const statementsOf = (service: string) => readStatements(policies.get(service), resolver);
  const inVpc = deploy(context).functions.filter(({ isInVpc }) => isInVpc);
  const granted = inVpc.flatMap(({ role }) => grants(role.statements));

  test('each endpoint has one', () => {
    expect([...policies.keys()].sort()).toEqual([
      ...['dynamodb', 'lambda', 's3', 'secretsmanager', 'sts'],
    ]);
    expect([...policies.values()].every((policy) => policy !== undefined)).toBe(true);
  });

  test.for(['s3', 'dynamodb', 'secretsmanager'])(
    '%s: what functions in the VPC may do passes, and no other action',
    async (service) => {
      const asked = granted.filter(({ action }) => action.startsWith(`${service}:`));
      // What stands for many is asked for as one of them.
      const requests = asked.map(({ action, resource }) => ({
        action,
        resource: resource.replaceAll('*', 'one'),
      }));
      expect(requests.length).toBeGreaterThan(0);
      const statements = statementsOf(service).map(({ Condition, ...rest }) => rest);
      const passes = await Promise.all(requests.map((one) => isAllowed(statements, one)));
      expect(requests.filter((_, index) => !passes[index]).map(show)).toEqual([]);
      const actions = (all: readonly { action: string }[]) => [
        ...new Set(all.map(({ action }) => action)),
      ];
      expect(actions(grants(statements)).sort()).toEqual(actions(asked).sort());
    },
  );

  test('another bucket and another table do not pass', async () => {
    const others = [
      { action: 's3:PutObject', resource: 'arn:aws:s3:::elsewhere/one' },
      { action: 's3:ListBucket', resource: 'arn:aws:s3:::elsewhere' },
      {
        action: 'dynamodb:PutItem',
        resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere',
      },
    ];
    const all = [...statementsOf('s3'), ...statementsOf('dynamodb')].map(
      ({ Condition, ...rest }) => rest,
    );
    expect(await Promise.all(others.map((one) => isAllowed(all, one)))).toEqual([
      ...[false, false, false],
    ]);
  });

  test('what comes without this account are pollers and layers alone', () => {
    const ofAnyone = [...policies.values()].flatMap((policy) => {
      const { Statement } = policy as PolicyOfEndpoint;
      const shown = readStatements(policy, resolver);
      return Statement.flatMap(({ Principal, Condition }, index) =>
        JSON.stringify(Condition) === JSON.stringify(OF_ACCOUNT)
          ? []
          : grants(shown.slice(index, index + 1)).map((one) => [Principal, show(one)]),
      );
    });
    const lambda = { Service: 'lambda.amazonaws.com' };
    expect(ofAnyone).toEqual(
      expect.arrayContaining([
        [{ AWS: '*' }, LAYERS],
        [lambda, 'lambda:InvokeFunction on arn:aws:lambda:eu-west-1:123456789012:function:*'],
        [lambda, 'sts:AssumeRole on arn:aws:iam::123456789012:role/*'],
      ]),
    );
    expect(ofAnyone).toHaveLength(3);
  });
});
