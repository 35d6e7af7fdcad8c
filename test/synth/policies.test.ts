// I36, of the whole template: no policy allows a whole service, and each wildcard in a resource has its
// reason here. The functions' own grants are compared one by one in privileges.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { deploy, readStatements, type Statement } from './privileges/deployed.ts';
import { Resolver } from './privileges/resolve.ts';
import { grants, show } from './privileges/simulate.ts';
import { type Resource, resourcesOf, synthesize } from './synthesize.ts';
import { VARIANTS } from './variants.ts';

interface Wildcard {
  /** Of the logical id of the resource that holds the policy. */
  readonly at: RegExp;
  /** Of `action on resource`. */
  readonly grant: RegExp;
  readonly reason: string;
}

const WILDCARDS: readonly Wildcard[] = [
  {
    at: /^Functions(AggregateOrders|RecordOutcomes|MigrateDatabase|ServeApi|OperateStores)Role/,
    grant:
      /^ec2:(Create|Delete|Describe)NetworkInterfaces? on \*$|^ec2:Describe(Subnets|Vpcs|SecurityGroups) on \*$|^ec2:(Una|A)ssignPrivateIpAddresses on \*$/,
    reason: 'Lambda makes and removes the network interfaces by itself, under ids of its own.',
  },
  {
    at: /^Functions(AggregateOrders|RecordOutcomes)Role/,
    grant: /^kafka:GetBootstrapBrokers on \*$/,
    reason: 'IAM knows no resource for it.',
  },
  {
    at: /^Functions\w+Role/,
    grant: /^xray:Put(TraceSegments|TelemetryRecords) on \*$/,
    reason: 'IAM knows no resource for it.',
  },
  {
    at: /^Functions\w+Role|^NetworkVpcFlowLog/,
    grant: /^logs:(CreateLogStream|PutLogEvents|DescribeLogStreams) on .*:log-group:[\w/-]+:\*$/,
    reason: 'The streams of one log group.',
  },
  {
    at: /^Functions\w+Role/,
    grant:
      /^s3:(Put|Get)Object on arn:aws:s3:::(earlier-)?documents\w*\/(analytics|quarantine\/[\w.]+)\/\*$/,
    reason: 'What is not known of a key beforehand: the position of a record, the time of a run.',
  },
  {
    at: /^Functions(AggregateOrders|RecordOutcomes)Role/,
    grant: /^s3:PutObject on arn:aws:s3:::(earlier-)?documents\w*\/aws\/lambda\/\*$/,
    reason: 'Where mappings put what they gave up: Lambda chooses the key, with the mapping’s id.',
  },
  {
    at: /^FunctionsOperateStoresRole/,
    grant:
      /^s3:(Get|Put|Delete)Object on arn:aws:s3:::(earlier-)?documents\w*\/(quarantine|aws\/lambda|redriven)\/\*$/,
    reason:
      'What was refused or given up, of whichever topic, is moved away once it was sent again.',
  },
  {
    at: /^Functions(AggregateOrders|RecordOutcomes)Role/,
    grant: /^glue:GetSchemaVersion on .*:schema\/shop\/\*$/,
    reason: 'The schemas of one registry.',
  },
  {
    at: /^DocumentsAccessLogsPolicy/,
    grant: /^s3:PutObject on arn:aws:s3:::documentsaccesslogs\w+\/analytics-service\/\*$/,
    reason: 'S3 itself writes the access logs of the one bucket; nobody else may.',
  },
  {
    at: /^ConsoleUploadRole/,
    grant:
      /^s3:PutObject on arn:aws:s3:::consolefiles\w+\/\*$|^logs:\w+ on .*ConsoleUploadLogs.*:\*$/i,
    reason: 'The files of the console, in a bucket of their own; the streams of one log group.',
  },
  {
    at: /^ConsoleFilesPolicy/,
    grant: /^s3:GetObject on arn:aws:s3:::consolefiles\w+\/\*$/,
    reason: 'The one distribution reads the files of the console.',
  },
  {
    at: /^AWSCDKTriggerCustomResource/,
    grant: /^lambda:InvokeFunction on .*:function:analytics-service-migrate-database:\*$/,
    reason: 'The deployment runs the newest version of one function.',
  },
  {
    at: /^LogRetention\w+ServiceRole/,
    grant: /^logs:(Put|Delete)RetentionPolicy on \*$/,
    reason: 'Of the logs of RDS, which names their groups itself.',
  },
  {
    at: /^GradualRole/,
    grant:
      /^lambda:GetProvisionedConcurrencyConfig on .*:function:analytics-service-(aggregate-orders|record-outcomes|serve-api):\*$/,
    reason: 'CodeDeploy asks it of a version, whose number nobody knows beforehand.',
  },
  {
    at: /^BackupsRole/,
    grant:
      /^dynamodb:(Describe|Delete)Backup on .*:table\/[\w-]+\/backup\/\*$|^rds:\w+ on .*:snapshot:awsbackup:\*$|^backup:TagResource on .*:recovery-point:\*$/,
    reason: 'AWS Backup names what it makes: backups of the one table, its own snapshots, points.',
  },
  {
    at: /^BackupsRole/,
    grant: /^kms:(DescribeKey|Decrypt|GenerateDataKey|CreateGrant) on .*:key\/\*$/,
    reason:
      'The vault’s key is Amazon’s own, unknown beforehand; for DynamoDB or by a grant alone.',
  },
  {
    at: /^NetworkS3Endpoint/,
    grant:
      /^s3:(Get|Put|Delete)Object on arn:aws:s3:::documents\w*\/\*$|^s3:GetObject on arn:aws:s3:::prod-eu-west-1-starport-layer-bucket\/\*$/,
    reason:
      'What passes the endpoint: each role says which keys of the one bucket, and ECR what is a layer.',
  },
  {
    at: /^Network(lambda|sts|secretsmanager)Endpoint/,
    grant:
      /^lambda:InvokeFunction on .*:123456789012:function:\*$|^sts:AssumeRole on .*:123456789012:role\/\*$|^secretsmanager:GetSecretValue on \*$/,
    reason: 'What passes the endpoint: each role says which, or is one of this account.',
  },
];

/** Policies of Amazon's: who has them, and why. */
const MANAGED: Readonly<Record<string, string>> = {
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs':
    'The log role of API Gateway belongs to the account (accountLogRole=false leaves it alone).',
  'service-role/AWSLambdaBasicExecutionRole':
    'The CDK’s own functions, which act during a deployment: they write their logs.',
};

const used = new Set<unknown>();
afterAll(() => {
  expect(WILDCARDS.filter((one) => !used.has(one))).toEqual([]);
  expect(Object.keys(MANAGED).filter((name) => !used.has(name))).toEqual([]);
});

const isPolicy = (key: string) => key.endsWith('PolicyDocument') && !key.startsWith('AssumeRole');

/** Every policy below a value, wherever its type keeps it. */
function policiesIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, element]) =>
    isPolicy(key) ? [element] : policiesIn(element),
  );
}

const statementsIn = ({ Properties }: Resource, resolver: Resolver): Statement[] =>
  policiesIn(Properties).flatMap((policy) => readStatements(policy, resolver));

describe.for(Object.keys(VARIANTS))('%s', (variant) => {
  const all = resourcesOf(synthesize(VARIANTS[variant] ?? {}));
  const resolver = new Resolver(all);
  const granted = all.flatMap(([id, resource]) =>
    grants(statementsIn(resource, resolver)).map((grant) => ({ id, ...grant })),
  );

  test('no policy allows a wildcard of actions', () => {
    expect(granted.length).toBeGreaterThan(20);
    expect(granted.filter(({ action }) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
    expect(JSON.stringify(all)).not.toMatch(/"Not(Action|Resource|Principal)"/);
  });

  test('each wildcard in a resource has its reason', () => {
    const wild = granted.filter(({ resource }) => /[*?]/.test(resource));
    const unexplained = wild.filter(({ id, ...grant }) => {
      const reason = WILDCARDS.find((one) => one.at.test(id) && one.grant.test(show(grant)));
      used.add(reason);
      return !reason;
    });
    expect(unexplained).toEqual([]);
  });

  test("no role of a function of ours has a policy of Amazon's", () => {
    const { roles } = deploy(VARIANTS[variant] ?? {});
    const managed = roles.flatMap((role) => role.managed);
    for (const name of managed) used.add(name);
    expect(managed.filter((name) => !(name in MANAGED))).toEqual([]);
    const withSome = roles.filter((role) => role.managed.length > 0).map(({ id }) => id);
    expect(withSome.filter((id) => id.startsWith('Functions'))).toEqual([]);
  });
});

test('docs/privileges.md tells every action of every function, and no other', () => {
  const granted = Object.values(VARIANTS).flatMap((context) =>
    deploy(context).functions.flatMap(({ name, role }) =>
      grants(role.statements).map(({ action }) => `${name} ${action}`),
    ),
  );
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'privileges.md'), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, who = '', actions = ''] = line.split('|');
    const names = /all/.test(who) ? FUNCTIONS : quoted(who);
    return names.flatMap((name) => quoted(actions).map((action) => `${name} ${action}`));
  });
  expect([...new Set(rows)].sort()).toEqual([...new Set(granted)].sort());
  expect(rows.length).toBeGreaterThan(40);
});

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
