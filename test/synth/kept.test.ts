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
  'AWS::Backup::BackupVault',
];
/** Of people who sign in: it stays at any rate, since an empty one costs nothing. */
const USER_POOL = 'AWS::Cognito::UserPool';
const NAMES = [
  'TableName',
  'BucketName',
  'DBInstanceIdentifier',
  'GroupName',
  'DBSubnetGroupName',
  'BackupVaultName',
];

const isKept = ({ DeletionPolicy }: Resource) => /^Retain/.test(DeletionPolicy ?? '');

/** In the order of making: all that is there before this one. */
function madeBefore(id: string, byId: ReadonlyMap<string, Resource>): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const names = namesIn(byId.get(next)).filter((name) => byId.has(name) && !found.has(name));
    for (const name of names) found.add(name);
    open.push(...names);
  }
  return found;
}

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
    expect(stores.length).toBeGreaterThan(context.aggregatesTable ? 0 : 2);
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
    // A table that was taken up is protected, too.
    expect(steps).toHaveLength(stores.length + (context.aggregatesTable ? 1 : 0));
    const mayFail = all.filter(([, { Type }]) =>
      /^Custom::(Trigger|CDKBucketDeployment)$|EventSourceMapping|Lambda::Function|ApiGateway::Stage|CloudFront::Distribution$/.test(
        Type,
      ),
    );
    for (const [id, step] of steps) {
      expect(JSON.stringify(step)).toMatch(/DeletionProtection(Enabled)?\W+true/);
      const before = madeBefore(id, byId);
      const later = mayFail.filter(([name]) => !before.has(name) && !/^(AWS|Log)/.test(name));
      expect([id, ...later.map(([name]) => name)]).toEqual([id]);
    }
  });

  test("the console's files come last, since a bucket with files cannot go with a first deployment that fails", () => {
    const uploads = all.filter(([, { Type }]) => Type === 'Custom::CDKBucketDeployment');
    expect(uploads).toHaveLength(context.console ? 2 : 0);
    for (const [id] of uploads) {
      const before = madeBefore(id, byId);
      const later = all.filter(
        ([name, { Type }]) =>
          /^Custom::Trigger|EventSourceMapping|ApiGateway::Stage|Distribution$/.test(Type) &&
          !before.has(name),
      );
      expect([id, ...later.map(([name]) => name)]).toEqual([id]);
    }
  });
});
