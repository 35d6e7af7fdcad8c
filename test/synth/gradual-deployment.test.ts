// I143: with gradualDeployment=… an alias goes over to a new version by steps, one alias after the other, and back when that version
// fails. What may run beside each other: agreed.test.ts.
import { describe, expect, test } from 'vitest';
import { type AlarmProperties, metricsOfAlarm } from './dashboard-body.ts';
import { deploy } from './privileges/deployed.ts';
import { Resolver } from './privileges/resolve.ts';
import { grants, isAllowed } from './privileges/simulate.ts';
import { type Context, type Resource, resourcesOf, synthesize } from './synthesize.ts';
import { compareTemplates } from './template-changes.ts';
import { EXISTING_CLUSTER, VARIANTS } from './variants.ts';

const STEPS = { gradualDeployment: 'Canary10Percent5Minutes' };
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const text = (value: unknown) => JSON.stringify(value);
const ofType = (context: Context, type: string) => resourcesOf(synthesize(context), type);
const aliasesOf = (context: Context) => ofType(context, 'AWS::Lambda::Alias');

interface Shift {
  readonly id: string;
  readonly alias: Resource;
  readonly groupId: string;
  readonly group: Resource;
  readonly alarms: readonly AlarmProperties[];
}

/** Each alias with what CodeDeploy is told of it. */
function shiftsOf(context: Context): Shift[] {
  const all = new Map(resourcesOf(synthesize(context)));
  const get = (id: string) => all.get(id) ?? expect.fail(`The template has no ${id}.`);
  return aliasesOf(context).map(([id, alias]) => {
    const update = alias.UpdatePolicy?.CodeDeployLambdaAliasUpdate as Update | undefined;
    const groupId = refOf(update?.DeploymentGroupName);
    const group = get(groupId);
    const watched = group.Properties.AlarmConfiguration as { Alarms: { Name: unknown }[] };
    const alarms = watched.Alarms.map(
      ({ Name }) => get(refOf(Name)).Properties as unknown as AlarmProperties,
    );
    return { id, alias, groupId, group, alarms };
  });
}

type Update = Readonly<Record<'DeploymentGroupName', unknown>>;
const refOf = (value: unknown) => (value as { Ref: string }).Ref;

const calledByApi = (context: Context) =>
  text(
    ofType(context, 'AWS::ApiGateway::Method')
      .map(([, { Properties }]) => Properties.Integration as { Type: string; Uri: unknown })
      .filter(({ Type }) => Type === 'AWS_PROXY')
      .map(({ Uri }) => Uri),
  );

test('without it nothing of CodeDeploy is there, and the API calls its function', () => {
  const types = resourcesOf(synthesize({})).map(([, { Type }]) => Type);
  expect(types.filter((type) => type.startsWith('AWS::CodeDeploy'))).toEqual([]);
  expect(aliasesOf({}).filter(([, { UpdatePolicy }]) => UpdatePolicy)).toEqual([]);
  expect(calledByApi({})).toMatch(/"FunctionsServeApiFunction\w+"/);
  expect(calledByApi({})).not.toMatch(/Alias/);
});

const TWO_SOURCES = 'two sources, each with topics of its own';
describe.for([
  ['new cluster', STEPS, 4],
  [TWO_SOURCES, VARIANTS[TWO_SOURCES] ?? {}, 6],
  ['everything by choice', VARIANTS['everything by choice'] ?? {}, 4],
] as const)('%s', ([, context, count]) => {
  const shifts = shiftsOf(context);

  test('each alias has a group of its own, which takes back what fails', () => {
    expect(new Set(shifts.map(({ groupId }) => groupId)).size).toBe(count);
    expect(shifts.map(({ group }) => group.Properties)).toEqual(
      shifts.map(() =>
        expect.objectContaining({
          DeploymentConfigName: `CodeDeployDefault.Lambda${context.gradualDeployment}`,
          AlarmConfiguration: expect.objectContaining({ Enabled: true }),
          AutoRollbackConfiguration: {
            Enabled: true,
            Events: [
              'DEPLOYMENT_FAILURE',
              'DEPLOYMENT_STOP_ON_REQUEST',
              'DEPLOYMENT_STOP_ON_ALARM',
            ],
          },
        }),
      ),
    );
  });

  test('its alarms are of the very version that it goes over to, and of what callers of the API get', () => {
    for (const { alias, alarms } of shifts) {
      const { Name, FunctionName, FunctionVersion: ExecutedVersion } = alias.Properties;
      const Resource = { 'Fn::Join': ['', [FunctionName, `:${Name}`]] };
      const failures = {
        ...{ namespace: 'AWS/Lambda', name: 'Errors' },
        dimensions: { FunctionName, Resource, ExecutedVersion },
      };
      const answers = {
        ...{ namespace: 'AWS/ApiGateway', name: '5XXError' },
        dimensions: { ApiName: { Ref: 'AWS::StackName' }, Stage: 'v1' },
      };
      const isApi = String(Name).startsWith('live-');
      expect(alarms.flatMap(metricsOfAlarm)).toEqual(isApi ? [failures, answers] : [failures]);
      // The shortest step is a minute, the shortest deployment five.
      for (const { Period, EvaluationPeriods } of alarms) {
        expect(Number(Period) * EvaluationPeriods).toBeLessThanOrEqual(120);
      }
    }
  });

  test('one alias goes over after the other', () => {
    const ids = shifts.map(({ id }) => id);
    const waitsFor = shifts.map(({ alias: { DependsOn = [] } }) =>
      [DependsOn].flat().filter((id) => ids.includes(id)),
    );
    expect(waitsFor.map((before) => before.length).sort()).toEqual([
      0,
      ...ids.slice(1).map(() => 1),
    ]);
    expect(new Set(waitsFor.flat()).size).toBe(count - 1);
  });

  test('API and mappings call aliases alone', () => {
    const ids = shifts.map(({ id }) => id);
    const callers = ofType(context, 'AWS::Lambda::Permission').filter(([, { Properties }]) =>
      text(Properties).includes('apigateway'),
    );
    expect(callers).toHaveLength(1);
    const called = [
      ...callers.map(([, { Properties }]) => text(Properties.FunctionName)),
      ...ofType(context, MAPPING).map(([, { Properties }]) => text(Properties.FunctionName)),
      calledByApi(context),
    ];
    expect(called.filter((one) => !ids.some((id) => one.includes(`"Ref":"${id}"`)))).toEqual([]);
    expect(called.filter((one) => one.includes('"Functions'))).toEqual([]);
  });

  test('versions go with the deployment that no longer uses them', () => {
    const versions = ofType(context, 'AWS::Lambda::Version');
    expect(versions.length).toBeGreaterThan(2);
    expect(versions.filter(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual([]);
  });
});

test('CodeDeploy may move the aliases of this stack, and nothing else', async () => {
  const role = deploy(STEPS).roles.find(({ id }) => id.startsWith('GradualRole'));
  const { statements = [], managed } = role ?? {};
  expect(managed).toEqual([]);
  expect([...new Set(grants(statements).map(({ action }) => action))].sort()).toEqual([
    ...['cloudwatch:DescribeAlarms', 'lambda:GetAlias'],
    ...['lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
  ]);
  const resolver = new Resolver(resourcesOf(synthesize(STEPS)));
  const mayMove = (resource: string) =>
    isAllowed(statements, { action: 'lambda:UpdateAlias', resource });
  for (const [id, { Properties }] of aliasesOf(STEPS)) {
    const alias = resolver.text({ Ref: id });
    const [name = ''] = [Properties.Name].map(String);
    expect(await mayMove(alias)).toBe(true);
    expect(await mayMove(alias.replace(`:${name}`, ''))).toBe(true);
    expect(await mayMove(alias.replace(name, 'other'))).toBe(false);
    expect(await mayMove(alias.replace('analytics-service', 'another'))).toBe(false);
  }
});

test('it is refused where there is no CodeDeploy', () => {
  expect(() => synthesize({ ...VARIANTS.localstack, ...STEPS })).toThrow(/CodeDeploy/);
});

test.for([
  ['on', {}, STEPS],
  ['off', STEPS, {}],
  ['other steps', STEPS, { gradualDeployment: 'Linear10PercentEvery1Minute' }],
  ['on, with a cluster that is there', EXISTING_CLUSTER, { ...EXISTING_CLUSTER, ...STEPS }],
] as const)('%s, later: nothing is replaced, and no topic is read anew', ([, from, to]) => {
  const before = new Map(resourcesOf(synthesize(from)));
  const after = new Map(resourcesOf(synthesize(to)));
  const { replaced, problems } = compareTemplates(before, after);
  expect(problems).toEqual([]);
  expect(replaced.filter((type) => type !== 'AWS::Lambda::Permission')).toEqual([]);
  const mappings = [...before].filter(([, { Type }]) => Type === MAPPING);
  expect(mappings).toHaveLength(3);
  for (const [id, { Properties }] of mappings) {
    const { FunctionName } = Properties;
    expect({ ...after.get(id)?.Properties, FunctionName }).toEqual(Properties);
  }
});

test('the stage of the API shows the alias that its methods call, once API Gateway may call it', () => {
  const shown = (context: Context) =>
    ofType(context, 'AWS::ApiGateway::Deployment').map(([id]) => id);
  expect(shown(STEPS)).not.toEqual(shown({}));
  expect(shown({ ...STEPS, topN: 7 })).toEqual(shown(STEPS));
  expect(shown({ ...STEPS, streamEpoch: '1' })).not.toEqual(shown(STEPS));
  const [[, copy] = []] = ofType(STEPS, 'AWS::ApiGateway::Deployment');
  const granted = ofType(STEPS, 'AWS::Lambda::Permission').filter(([, { Properties }]) =>
    text(Properties).includes('apigateway'),
  );
  expect(copy?.DependsOn).toContain(granted[0]?.[0]);
});
