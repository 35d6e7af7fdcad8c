// I136: the service as a construct of somebody else's app, and settings of a stage in a file.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { AnalyticsService } from '../../lib/analytics-service.ts';
import { withSettingsFile } from '../../lib/settings/settings-file.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, VARIANTS } from './variants.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NO_COPIES = { 'aws:cdk:disable-asset-staging': true };

test('it stands beside other things in a stack, tells the alarms to a topic of that app, and bears its tags', () => {
  const stack = new Stack(new App({ context: NO_COPIES }), 'shop');
  const topic = new Topic(stack, 'OnCall') as ITopic;
  const service = new AnalyticsService(stack, 'Analytics', {
    settings: { topN: 50, permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary' },
    alarmTopic: topic,
  });
  Tags.of(stack).add('team', 'shop', {
    excludeResourceTypes: ['AWS::MSK::ServerlessCluster'],
  });
  const template = Template.fromStack(stack);
  const of = (type: string) => resourcesOf(template, type).map(([, { Properties }]) => Properties);
  expect(of('AWS::SNS::Topic')).toHaveLength(1);
  const alarms = of('AWS::CloudWatch::Alarm');
  expect(alarms.length).toBeGreaterThan(30);
  for (const { AlarmActions, AlarmName } of alarms) {
    expect([AlarmName, AlarmActions]).toEqual([AlarmName, [stack.resolve(topic.topicArn)]]);
  }
  const functions = of('AWS::Lambda::Function').filter(({ FunctionName }) => FunctionName);
  expect(functions.map(({ FunctionName }) => FunctionName)).toContain('shop-serve-api');
  for (const { Tags: tags } of functions)
    expect(tags).toContainEqual({ Key: 'team', Value: 'shop' });
  expect(service.mappings.map(({ topic: name }) => name)).toHaveLength(3);
});

const groupsOf = (stackName: string) => {
  const stack = new Stack(new App({ context: NO_COPIES }), stackName);
  const { clusterArn, clusterSecurityGroupId, vpcId } = EXISTING_CLUSTER;
  const [subnetIds, availabilityZones] = [
    EXISTING_CLUSTER.subnetIds.split(','),
    EXISTING_CLUSTER.availabilityZones.split(','),
  ];
  new AnalyticsService(stack, 'Analytics', {
    settings: {
      ...{ clusterArn, clusterSecurityGroupId, vpcId, subnetIds, availabilityZones },
      createEndpoints: ['none'],
    },
  });
  const mappings = resourcesOf(Template.fromStack(stack), 'AWS::Lambda::EventSourceMapping');
  return mappings.map(([, { Properties }]) =>
    JSON.stringify(Properties.AmazonManagedKafkaEventSourceConfig),
  );
};

test('I148: beside one cluster two services read in groups of their own, and so does the next of the same name', () => {
  const [staging, production] = ['shop-staging', 'shop-production'].map(groupsOf);
  expect(new Set([...(staging ?? []), ...(production ?? [])]).size).toBe(6);
  for (const group of staging ?? []) {
    expect(group).toMatch(/"shop-staging-.*"Ref":"AWS::StackId"/);
  }
});

test('I136: a setting that names another stack is refused', () => {
  const make = (stackName: string) => {
    const stack = new Stack(new App({ context: NO_COPIES }), 'shop');
    return new AnalyticsService(stack, 'Analytics', { settings: { stackName } });
  };
  expect(() => make('analytics')).toThrow(
    'Setting stackName is "analytics", and the stack\'s name is "shop": leave it out.',
  );
  expect(() => make('shop')).not.toThrow();
});

test('a name that Cognito keeps for itself is refused', () => {
  const stack = new Stack(new App({ context: NO_COPIES }), 'our-aws-figures');
  const make = () =>
    new AnalyticsService(stack, 'Analytics', {
      settings: { apiAuth: 'cognito', signInUrls: ['https://a.example/'] },
    });
  expect(make).toThrow(
    'The stack\'s name is "our-aws-figures": with apiAuth=cognito it must not contain',
  );
});

test('the boundary is on every role, those of the CDK’s own functions included', () => {
  const roles = resourcesOf(synthesize(VARIANTS['everything by choice'] ?? {}), 'AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(8);
  for (const [id, { Properties }] of roles) {
    expect([id, Properties.PermissionsBoundary]).toEqual([
      ...[id, 'arn:aws:iam::123456789012:policy/boundary'],
    ]);
  }
});

test('tracing is for every function and the stage of the API, when it is asked for', () => {
  const traced = (context: object) =>
    resourcesOf(synthesize({ ...context })).flatMap(
      ([, { Properties = {} }]) => Properties.TracingConfig ?? Properties.TracingEnabled ?? [],
    );
  expect(traced({})).toEqual([]);
  expect(traced({ tracing: true })).toHaveLength(FUNCTIONS.length + 1);
});

test('a file holds settings; what is given beside it counts first', () => {
  const file = join(temporaryDirectory(), 'production.json');
  writeFileSync(file, '{ "topN": 50, "stackName": "shop" }');
  expect(withSettingsFile({ settingsFile: file, topN: '7' })).toEqual({
    topN: '7',
    stackName: 'shop',
  });
  expect(withSettingsFile({ topN: 7 })).toEqual({ topN: 7 });
});

test('a file that is none, and a name in it that is none, are told in one line', () => {
  const folder = temporaryDirectory();
  const missing = () => withSettingsFile({ settingsFile: join(folder, 'missing.json') });
  expect(missing).toThrow(
    /^Setting settingsFile is ".*missing\.json", which cannot be read: ENOENT/,
  );
  const list = join(folder, 'list.json');
  writeFileSync(list, '[]');
  expect(() => withSettingsFile({ settingsFile: list })).toThrow(/must hold one JSON object/);
  const misspelt = join(folder, 'misspelt.json');
  writeFileSync(misspelt, '{ "topM": 5 }');
  const synth = () =>
    execFileSync(process.execPath, [join(ROOT, 'bin', 'app.ts')], {
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ settingsFile: misspelt }) },
      stdio: 'pipe',
    });
  expect(synth).toThrow(/There is no setting "topM"\. Did you mean topN\?/);
});
