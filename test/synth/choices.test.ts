// What a setting chooses is in the template. I112: nothing is given up unless a limit was asked for.
import { expect, test } from 'vitest';
import { Resolver } from './privileges/resolve.ts';
import { type Context, type Resource, resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, EXISTING_DATABASE, EXISTING_VPC, VARIANTS } from './variants.ts';

const text = (value: unknown) => JSON.stringify(value);
const templateOf = (name: string) => synthesize(VARIANTS[name] ?? {});
const propertiesOf = (name: string, type: string) =>
  resourcesOf(templateOf(name), type).map(([, { Properties }]) => Properties);

test('three topics are mapped to their functions', () => {
  const aliases = resourcesOf(templateOf('new cluster'), 'AWS::Lambda::Alias');
  const mapped = propertiesOf('new cluster', 'AWS::Lambda::EventSourceMapping').map(
    ({ Topics, FunctionName }) => {
      const [, alias] = aliases.find(([id]) => text(FunctionName).includes(id)) ?? [];
      const target = text(alias?.Properties.FunctionName);
      return [(Topics as string[])[0], target.replace(/^.*Functions(\w+?)Function.*$/, '$1')];
    },
  );
  expect(mapped.sort()).toEqual([
    ['auction_outcomes', 'RecordOutcomes'],
    ['dbserver1.public.order_items', 'AggregateOrders'],
    ['dbserver1.public.orders', 'AggregateOrders'],
  ]);
});

test("I148: a group's name ends with a part of the stack's id, and the longest is one that Lambda takes", () => {
  const resources = resourcesOf(synthesize({ consumerGroup: 'g'.repeat(150) }));
  const resolver = new Resolver(resources);
  const groups = resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping')
    .map(([, { Properties }]) => resolver.resolve(Properties.AmazonManagedKafkaEventSourceConfig))
    .map((config) => (config as { ConsumerGroupId: string }).ConsumerGroupId);
  expect(groups).toHaveLength(3);
  for (const group of groups) expect(group).toMatch(/^g{150}-[a-z-]+-[0-9a-f]{8}-0a1b2c3d$/);
  for (const group of groups) expect(group.length).toBeLessThanOrEqual(200);
});

test('Lambda tries again for ever, unless a limit was asked for or a schema may not fit', () => {
  for (const name of ['new cluster', 'provisioned pollers without limits']) {
    for (const mapping of propertiesOf(name, 'AWS::Lambda::EventSourceMapping')) {
      expect(mapping).not.toHaveProperty('DestinationConfig');
      expect(mapping).not.toHaveProperty('MaximumRetryAttempts');
    }
  }
  const mappings = propertiesOf('Avro by Glue', 'AWS::Lambda::EventSourceMapping');
  expect(mappings.map(({ MaximumRetryAttempts }) => MaximumRetryAttempts)).toEqual([
    10_000, 10_000, 10_000,
  ]);
  expect(text(mappings)).toContain('"EventRecordFormat":"JSON"');
});

test('the database is private, encrypted, asks for TLS and takes tokens of IAM', () => {
  const [database] = propertiesOf('new cluster', 'AWS::RDS::DBInstance');
  expect(database).toMatchObject({
    PubliclyAccessible: false,
    StorageEncrypted: true,
    EnableIAMDatabaseAuthentication: true,
    ManageMasterUserPassword: true,
    AutoMinorVersionUpgrade: true,
    BackupRetentionPeriod: 7,
  });
  const [parameters] = propertiesOf('new cluster', 'AWS::RDS::DBParameterGroup');
  expect(parameters).toMatchObject({ Parameters: { 'rds.force_ssl': '1' } });
});

test.for([
  ['new cluster', ['dynamodb', 'lambda', 's3', 'secretsmanager', 'sts']],
  ['Avro by Glue', ['dynamodb', 's3', 'secretsmanager']],
  ['existing cluster and VPC', []],
  ['endpoints in an existing VPC', ['dynamodb', 'lambda', 's3', 'secretsmanager', 'sts']],
] as const)('%s: the endpoints that it needs, and no other', ([name, expected]) => {
  const services = propertiesOf(name, 'AWS::EC2::VPCEndpoint').map(({ ServiceName }) =>
    text(ServiceName).replace(/^.*[."]([a-z0-9]+)".*$/, '$1'),
  );
  expect(services.sort()).toEqual(expected);
});

test("who may call the API is as the settings say, for every method but a browser's own question", () => {
  const typesOf = (name: string) => {
    const methods = propertiesOf(name, 'AWS::ApiGateway::Method');
    const asked = methods.filter(({ HttpMethod }) => HttpMethod !== 'OPTIONS');
    return [...new Set(asked.map(({ AuthorizationType }) => AuthorizationType))];
  };
  expect(typesOf('new cluster')).toEqual(['AWS_IAM']);
  expect(typesOf('cognito')).toEqual(['COGNITO_USER_POOLS']);
  expect(typesOf('no authorisation')).toEqual(['NONE']);
});

test('I93: without the setting nothing is deleted; with it, by the named roles or by a group alone', () => {
  const environments = (name: string) =>
    propertiesOf(name, 'AWS::Lambda::Function').flatMap(({ Environment }) => text(Environment));
  expect(environments('new cluster').join()).not.toMatch(/ALLOW_DELETE|DELETE_GROUP/);
  expect(propertiesOf('new cluster', 'AWS::ApiGateway::RestApi')[0]?.Policy).toBe(undefined);

  const [api] = propertiesOf('everything by choice', 'AWS::ApiGateway::RestApi');
  expect(api?.Policy).toMatchObject({
    Statement: [
      {
        ...{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'execute-api:Invoke' },
        Resource: 'execute-api:/*/DELETE/*',
        Condition: {
          ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/cleanup'] },
        },
      },
    ],
  });
  const [preflight] = propertiesOf('everything by choice', 'AWS::ApiGateway::Method').filter(
    ({ HttpMethod }) => HttpMethod === 'OPTIONS',
  );
  expect(text(preflight)).toContain("'GET,HEAD,POST,DELETE'");

  const cognito = environments('cognito, with deletion').filter((one) => /ALLOW_DELETE/.test(one));
  expect(cognito.length).toBe(2);
  expect(cognito.filter((one) => one.includes('"DELETE_GROUP":"deleters"')).length).toBe(1);
  const groups = propertiesOf('cognito, with deletion', 'AWS::Cognito::UserPoolGroup');
  expect(groups.map(({ GroupName }) => GroupName)).toEqual(['deleters']);
  expect(propertiesOf('cognito', 'AWS::Cognito::UserPoolGroup')).toEqual([]);
});

test('the schedule is the flush interval, in minutes', () => {
  const [schedule] = resourcesOf(synthesize({ flushInterval: 60 }), 'AWS::Events::Rule').map(
    ([, { Properties }]: [string, Resource]) => Properties.ScheduleExpression,
  );
  expect(schedule).toBe('rate(1 minute)');
  expect(
    propertiesOf('new cluster', 'AWS::Events::Rule').map((one) => one.ScheduleExpression),
  ).toEqual(['rate(5 minutes)', 'cron(0 3 * * ? *)']);
});

test('a migration that fails stops the deployment before anything that needs it', () => {
  const template = templateOf('new cluster');
  const [[trigger] = ['']] = resourcesOf(template, 'Custom::Trigger');
  const later = resourcesOf(template).filter(([, resource]) =>
    text(resource).includes(`"${trigger}"`),
  );
  const types = new Set(later.map(([, { Type }]) => Type));
  expect([...types]).toEqual(
    expect.arrayContaining(['AWS::Lambda::EventSourceMapping', 'AWS::ApiGateway::RestApi']),
  );
});

test('the migration waits for its ways to the database and to Secrets Manager', () => {
  const needs = (context: Context) => {
    const [[, trigger] = ['', { DependsOn: [] }]] = resourcesOf(
      synthesize(context),
      'Custom::Trigger',
    );
    return text(trigger.DependsOn);
  };
  expect(needs({})).toMatch(/NetworksecretsmanagerEndpoint/);
  expect(needs({})).toMatch(/NetworkDatabaseClientsto\w+DatabaseRdsGroup/);
  expect(needs(EXISTING_DATABASE)).toMatch(/NetworkDatabaseClientsto/);
});

test('an existing VPC is left as it is: security groups alone are made in it', () => {
  const made = resourcesOf(synthesize(EXISTING_CLUSTER))
    .map(([, { Type }]) => Type)
    .filter((type) => /^AWS::(EC2|MSK)::/.test(type));
  expect(new Set(made)).toEqual(
    new Set([
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EC2::SecurityGroupEgress',
    ]),
  );
});

test("a new VPC's default group lets nothing in or out; an existing one's is left alone", () => {
  const closed = (context: Context) =>
    resourcesOf(synthesize(context), 'Custom::VpcRestrictDefaultSG').length;
  expect([closed({}), closed(EXISTING_CLUSTER)]).toEqual([1, 0]);
});

test('a provisioned cluster gets the topics, copied to each broker; nobody could make them elsewhere', () => {
  const topics = (context: Context) =>
    resourcesOf(synthesize(context), 'AWS::MSK::Topic').map(([, { Properties }]) => Properties);
  const made = { PartitionCount: 24, ReplicationFactor: 3 };
  expect(topics({ ...EXISTING_VPC, topicPartitions: 24 })).toMatchObject(
    ['dbserver1.public.orders', 'dbserver1.public.order_items', 'auction_outcomes'].map(
      (TopicName) => ({ TopicName, ...made }),
    ),
  );
  expect([topics({}), topics(EXISTING_CLUSTER)]).toEqual([[], []]);
});

test('the names that operators and other tools need are outputs, and parameters of the same value', () => {
  const told = (context: Context) => {
    const outputs: Record<string, { Value: unknown }> = synthesize(context).toJSON().Outputs;
    const parameters = resourcesOf(synthesize(context), 'AWS::SSM::Parameter').map(
      ([, { Properties }]) => {
        const name = String(Properties.Name).replace('/analytics/analytics-service/', '');
        expect([name, text(outputs[name]?.Value)]).toEqual([name, text(Properties.Value)]);
        return name;
      },
    );
    return parameters.sort();
  };
  const always = ['AggregatesTableName', 'ClusterArn', 'ClusterSecurityGroupId'];
  always.push('DatabaseClientsGroupId', 'DatabaseHost', 'DocumentsBucketName');
  always.push('OperatorFunctionName');
  const ofNewDatabase = ['DatabaseInstanceId', 'DatabaseResourceId', 'DatabaseSecurityGroupId'];
  expect(told({})).toEqual([...always, ...ofNewDatabase].sort());
  expect(told(EXISTING_DATABASE)).toEqual(always.sort());
});

test('I149: a mapping that measures no lag calls somebody, unless it is meant to read nothing', () => {
  const missing = (context: Context) =>
    resourcesOf(synthesize(context), 'AWS::CloudWatch::Alarm')
      .filter(([, { Properties }]) => text(Properties.AlarmName).includes('-consumer-stalled-'))
      .map(([, { Properties }]) => Properties.TreatMissingData);
  expect(missing({})).toEqual(['breaching', 'breaching']);
  expect(missing({ pollers: 'provisioned' })).toEqual(['breaching', 'breaching', 'breaching']);
  expect(missing({ ingestion: 'off' })).toEqual(['missing', 'missing']);
});

test('I111: a restored database in the network of the stack: the functions and its group are opened to each other', () => {
  const { databaseResourceId, databaseSecurityGroupId } = EXISTING_DATABASE;
  const resources = resourcesOf(
    synthesize({
      ...{ database: 'existing', databaseHost: 'restored.example.internal' },
      ...{ databaseResourceId, databaseSecurityGroupId },
    }),
  );
  const rules = resources.map(([, { Properties }]) => Properties ?? {});
  const clients = { 'Fn::GetAtt': [expect.stringMatching(/DatabaseClients/), 'GroupId'] };
  const ports = { FromPort: 5_432, ToPort: 5_432 };
  const inward = rules.filter(({ GroupId }) => GroupId === databaseSecurityGroupId);
  expect(inward).toMatchObject([{ ...ports, SourceSecurityGroupId: clients }]);
  const outward = rules.filter(
    ({ DestinationSecurityGroupId }) => DestinationSecurityGroupId === databaseSecurityGroupId,
  );
  expect(outward).toMatchObject([{ ...ports, GroupId: clients }]);
});
