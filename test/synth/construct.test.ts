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
import { VARIANTS } from './variants.ts';

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
