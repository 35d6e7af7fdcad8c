// I111: every setting can be changed after the first deployment, and back. Each one alone, in a template against the one
// before, by what CloudFormation's schemas say of the properties: the update works, and what holds data is
// replaced by nothing but the settings that say so in docs/deploy.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SettingsError } from '../../lib/settings/settings.ts';
import { readSchemas } from './resource-schemas.ts';
import { CHANGES } from './setting-changes.ts';
import { type Context, resourcesOf, synthesize } from './synthesize.ts';
import { compareTemplates } from './template-changes.ts';
import { EXISTING_DATABASE, VARIANTS } from './variants.ts';

const STORES =
  /^AWS::(DynamoDB::Table|S3::Bucket|RDS::DBInstance|MSK::\w*Cluster|Cognito::UserPool)$/;
const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'deploy.md'), 'utf8');

/** The new one is empty, the old one stays beside it, no longer the stack's. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  databaseName: ['AWS::RDS::DBInstance'],
  databaseKmsKeyArn: ['AWS::RDS::DBInstance'],
  vpcId: ['AWS::RDS::DBInstance'],
  subnetIds: ['AWS::RDS::DBInstance'],
};

/** It puts subnets in order by it, and writes it nowhere. */
const FOR_THE_CDK_ALONE = ['availabilityZones'];

test.for(Object.entries(CHANGES))('%s', ([key, { from, to }]) => {
  const [before, after] = [from, to].map((context) => new Map(resourcesOf(synthesize(context))));
  if (!before || !after) throw new Error('There are two templates.');
  const isChanged = JSON.stringify([...after]) !== JSON.stringify([...before]);
  expect(isChanged).toBe(!FOR_THE_CDK_ALONE.includes(key));
  const { replaced, problems } = compareTemplates(before, after);
  expect(problems).toEqual([]);
  expect(compareTemplates(after, before).problems).toEqual([]);
  const stores = replaced.filter((type) => STORES.test(type));
  expect(stores).toEqual(REPLACED[key] ?? []);
  const row = PAGE.split('\n').find((line) => new RegExp(`^\\|[^|]*\`${key}\``).test(line)) ?? '';
  expect([key, /new, empty database/.test(row)]).toEqual([key, stores.length > 0]);
});

const DEPLOYMENTS: readonly [string, Context][] = [
  ['a new cluster and database', {}],
  ['an existing database', EXISTING_DATABASE],
];

test.for(DEPLOYMENTS)('%s: what is given is used, or refused by name', ([, context]) => {
  const plain = JSON.stringify(synthesize(context).toJSON());
  const ignored = Object.entries(CHANGES).filter(([key, { from, to }]) => {
    // Shown above.
    if (JSON.stringify(from) === JSON.stringify(context)) return false;
    if (context[key] === to[key] || FOR_THE_CDK_ALONE.includes(key)) return false;
    try {
      return JSON.stringify(synthesize({ ...context, [key]: to[key] }).toJSON()) === plain;
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      return false;
    }
  });
  expect(ignored.map(([key]) => key)).toEqual([]);
});

test('the schemas are of every type that a template has', () => {
  const types = Object.values(VARIANTS).flatMap((context) =>
    resourcesOf(synthesize(context)).map(([, { Type }]) => Type),
  );
  const known = readSchemas();
  expect(
    [...new Set(types)].filter((type) => !type.startsWith('Custom::') && !known[type]),
  ).toEqual([]);
});

/** Of a stack that reads one topic a table: another logical id would be another mapping, in a group that begins anew. */
const MAPPED_AT_FIRST = [
  'MapordersMappingorderse64aaefeF31D2BE4',
  'MaporderitemsMappingorderitems472091ebBF149A25',
  'MapoutcomesMappingoutcomes53d020e67E5543FC',
];

test('I135: a second topic of a table comes and goes, and the mappings beside it stay as they are', () => {
  const one = new Map(resourcesOf(synthesize({})));
  const both = 'us.public.orders,eu=dbserver1.public.orders';
  const two = new Map(resourcesOf(synthesize({ topicOrders: both })));
  const mappings = [...one].filter(([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping');
  expect(mappings.map(([id]) => id)).toEqual(MAPPED_AT_FIRST);
  for (const [id, mapping] of mappings) expect(two.get(id)).toEqual(mapping);
  const added = [...two].filter(([id]) => /^Map/.test(id) && !one.has(id));
  expect(added.map(([, { Type }]) => Type).sort()).toEqual([
    ...['AWS::Lambda::Alias', 'AWS::Lambda::EventSourceMapping'],
  ]);
  expect(compareTemplates(one, two)).toEqual({ replaced: [], problems: [] });
  expect(compareTemplates(two, one)).toEqual({ replaced: [], problems: [] });
});

test('what Lambda or CloudFormation would refuse or forget is seen', () => {
  const mapping = (group: string, topic: string, position: string) => ({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      ...{ EventSourceArn: 'cluster', FunctionName: 'f', Topics: [topic] },
      ...{
        StartingPosition: position,
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group },
      },
    },
  });
  const compare = (...two: [ReturnType<typeof mapping>, ReturnType<typeof mapping>]) => {
    const [before, after] = two.map((one) => new Map([['Map', one]]));
    return compareTemplates(before ?? new Map(), after ?? new Map()).problems;
  };
  const old = mapping('g', 't', 'LATEST');
  expect(compare(old, mapping('h', 't', 'LATEST'))).toEqual([
    expect.stringMatching(/GroupId stays/),
  ]);
  expect(compare(old, mapping('g', 'u', 'LATEST'))).toEqual([
    expect.stringMatching(/Topics stays/),
  ]);
  expect(compare(old, mapping('g', 't', 'TRIM_HORIZON'))).toHaveLength(2);
});
