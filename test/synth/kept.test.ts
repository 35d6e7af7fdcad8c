// I110: what holds data outlives the stack with all that it stands in, under no name that the next stack would
// want; a first deployment that fails leaves nothing behind that the second one meets.
import { describe, expect, test } from 'vitest';
import { type Resource, resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

const STORES = [
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::RDS::DBInstance',
  'AWS::MSK::Cluster',
  'AWS::MSK::ServerlessCluster',
];
/** Of people who sign in: it stays at any rate, since an empty one costs nothing. */
const USER_POOL = 'AWS::Cognito::UserPool';
const NAMES = ['TableName', 'BucketName', 'DBInstanceIdentifier', 'GroupName', 'DBSubnetGroupName'];

const isKept = ({ DeletionPolicy }: Resource) => /^Retain/.test(DeletionPolicy ?? '');

/** Logical ids that a value of a template names. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, element]) => {
    if (key === 'Ref') return [String(element)];
    if (key === 'Fn::GetAtt') return [String((element as string[])[0])];
    if (key === 'DependsOn') return [element].flat() as string[];
    return namesIn(element);
  });
}

describe.for(Object.entries(VARIANTS))('%s', ([, context]) => {
  const all = resourcesOf(synthesize(context));
  const byId = new Map(all);

  test('stores are kept, and go only with a first deployment that fails', () => {
    const stores = all.filter(([, { Type }]) => STORES.includes(Type));
    expect(stores.length).toBeGreaterThan(2);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of stores) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([
        ...[id, 'RetainExceptOnCreate', 'Retain'],
      ]);
    }
    for (const [, pool] of all.filter(([, { Type }]) => Type === USER_POOL)) {
      expect(pool).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  test('what is kept stands on nothing that is deleted', () => {
    const kept = all.filter(([, resource]) => isKept(resource));
    expect(kept.length).toBeGreaterThan(4);
    const missing = kept.flatMap(([id, resource]) =>
      // An order of making holds nothing back at the end.
      namesIn(resource.Properties)
        .filter((name) => byId.has(name) && !isKept(byId.get(name) as Resource))
        .map((name) => `${id} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('nothing that is kept has a name that the next stack would take', () => {
    for (const [id, resource] of all.filter(([, one]) => isKept(one))) {
      expect([
        id,
        ...NAMES.filter((name) => typeof resource.Properties[name] === 'string'),
      ]).toEqual([id]);
      const { ClusterName } = resource.Properties;
      if (ClusterName) expect(JSON.stringify(ClusterName)).toContain('AWS::StackId');
    }
  });

  test('table and database are protected by the last steps, so that a failure before can take them away', () => {
    const stores = all.filter(([, { Type }]) => /DynamoDB::Table|RDS::DBInstance/.test(Type));
    for (const [, { Properties }] of stores) {
      expect(Properties.DeletionProtection ?? Properties.DeletionProtectionEnabled).toBeUndefined();
    }
    const steps = all.filter(([id]) => /^Protection(Table|Database)[0-9A-F]{8}$/.test(id));
    expect(steps).toHaveLength(stores.length);
    const mayFail = all.filter(([, { Type }]) =>
      /^Custom::Trigger|EventSourceMapping|Lambda::Function|ApiGateway::Stage$/.test(Type),
    );
    for (const [id, step] of steps) {
      expect(JSON.stringify(step)).toMatch(/DeletionProtection(Enabled)?\W+true/);
      const before = namesIn(step);
      const later = mayFail.filter(([name]) => !before.includes(name) && !/^(AWS|Log)/.test(name));
      expect([id, ...later.map(([name]) => name)]).toEqual([id]);
    }
  });
});
