// What a function must not be able to do: a list of others, chosen for the harm that they would do, and
// what the other functions of the same deployment may.
import { ENV } from '../../../functions/contracts.ts';
import type { Deployed, DeployedFunction } from './deployed.ts';
import { ACCOUNT, arn } from './resolve.ts';
import type { Need, Request } from './simulate.ts';

const STRANGE_BUCKET = 'arn:aws:s3:::of-somebody-else';

export function strangeRequests(deployed: Deployed): Request[] {
  const environments = deployed.functions.map(({ environment }) => environment);
  const find = (name: string) => environments.find((one) => one[name])?.[name] ?? 'none';
  const mappings = deployed.functions.flatMap((one) => one.mappings);
  return [
    ...tableRequests(find(ENV.aggregatesTable)),
    ...bucketRequests(`arn:aws:s3:::${find(ENV.bucket)}`),
    ...[...deployed.databases.values()].flatMap(databaseRequests),
    ...[...new Set(mappings.map((mapping) => mapping.EventSourceArn))].flatMap(clusterRequests),
    ...accountRequests(),
  ];
}

const each = (actions: readonly string[], resource: string): Request[] =>
  actions.map((action) => ({ action, resource }));

function tableRequests(name: string): Request[] {
  const table = arn('dynamodb', `table/${name}`);
  const other = arn('dynamodb', 'table/of-somebody-else');
  return [
    ...each(
      ['DeleteItem', 'DeleteTable', 'UpdateItem', 'UpdateTable', 'UpdateTimeToLive'].map(
        (one) => `dynamodb:${one}`,
      ),
      table,
    ),
    ...each(['dynamodb:Scan', 'dynamodb:Query'], `${table}/index/another`),
    ...each(
      ['GetItem', 'BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query', 'Scan'].map(
        (one) => `dynamodb:${one}`,
      ),
      other,
    ),
  ];
}

function bucketRequests(bucket: string): Request[] {
  const places = ['quarantine/shop/0/1.json', 'analytics/summary/latest.json', 'aws/lambda/a/b'];
  return [
    ...places.flatMap((key) =>
      each(['s3:DeleteObject', 's3:GetObjectVersion', 's3:PutObjectAcl'], `${bucket}/${key}`),
    ),
    ...each(['s3:GetObject'], `${bucket}/quarantine/shop/0/1.json`),
    ...each(['s3:GetObject'], `${bucket}/aws/lambda/a/b`),
    ...each(['s3:GetObject', 's3:PutObject'], `${bucket}/another/key`),
    ...each(['s3:GetObject', 's3:PutObject'], `${bucket}/analytics-old/summary/latest.json`),
    ...each(['s3:GetObject', 's3:PutObject'], `${STRANGE_BUCKET}/analytics/summary/latest.json`),
    ...each(['s3:PutBucketPolicy', 's3:DeleteBucket', 's3:ListBucketVersions'], bucket),
    ...each(['s3:ListBucket'], STRANGE_BUCKET),
    ...each(['s3:ListAllMyBuckets'], '*'),
  ];
}

function databaseRequests(id: string): Request[] {
  const users = ['analytics_admin', 'postgres', 'analytics_writer_2', 'analytics_writer'];
  return [
    ...users.slice(0, 3).map((user) => `${id}/${user}`),
    ...users.map((user) => `db-OF-SOMEBODY-ELSE/${user}`),
  ].map((user) => ({ action: 'rds-db:connect', resource: arn('rds-db', `dbuser:${user}`) }));
}

function clusterRequests(cluster: string): Request[] {
  const other = cluster.replace(/:cluster\/.*$/, ':cluster/of-somebody-else/0a1b2c3d-9');
  const topic = `${cluster.replace(':cluster/', ':topic/')}/auction_outcomes`;
  const group = `${cluster.replace(':cluster/', ':group/')}/of-somebody-else`;
  return [
    ...each(['kafka-cluster:Connect', 'kafka:DescribeClusterV2'], other),
    ...each(
      ['kafka-cluster:AlterCluster', 'kafka:DeleteCluster', 'kafka:DescribeCluster'],
      cluster,
    ),
    ...each(
      ['WriteData', 'CreateTopic', 'AlterTopic', 'DeleteTopic'].map(
        (one) => `kafka-cluster:${one}`,
      ),
      topic,
    ),
    ...each(['kafka-cluster:ReadData', 'kafka-cluster:DescribeTopic'], `${topic}_of_others`),
    ...each(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], group),
    ...each(['kafka-cluster:DeleteGroup'], group),
  ];
}

function accountRequests(): Request[] {
  const role = `arn:aws:iam::${ACCOUNT}:role/of-somebody-else`;
  const secret = arn('secretsmanager', 'secret:of-somebody-else-AbCdEf');
  const ownFunction = arn('lambda', 'function:analytics-service-migrate-database');
  const logs = arn('logs', 'log-group:/aws/lambda/of-somebody-else');
  return [
    ...each(['iam:PassRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'sts:AssumeRole'], role),
    ...each(['iam:ListRoles'], '*'),
    ...each(['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], secret),
    ...each(['secretsmanager:ListSecrets'], '*'),
    ...each(['lambda:InvokeFunction', 'lambda:UpdateFunctionCode'], ownFunction),
    ...each(['logs:PutLogEvents', 'logs:CreateLogStream'], `${logs}:log-stream:one`),
    ...each(['logs:CreateLogGroup', 'logs:DeleteLogGroup', 'logs:FilterLogEvents'], logs),
    ...each(['kms:Decrypt'], arn('kms', 'key/0a1b2c3d-1111-2222-3333-444455556666')),
    ...each(['ec2:RunInstances', 'ec2:TerminateInstances'], arn('ec2', 'instance/i-0123456789')),
    ...each(['ec2:AuthorizeSecurityGroupIngress'], arn('ec2', 'security-group/sg-0123456789')),
    ...each(['rds:DeleteDBInstance', 'rds:ModifyDBInstance'], arn('rds', 'db:one')),
    ...each(['cloudformation:UpdateStack'], arn('cloudformation', 'stack/analytics-service/1')),
    ...each(['events:DisableRule'], arn('events', 'rule/reports')),
  ];
}

/** Needed by others. */
export function needsOfOthers(
  own: DeployedFunction,
  needs: ReadonlyMap<DeployedFunction, readonly Need[]>,
): Request[] {
  return [...needs].flatMap(([one, theirs]) => (one === own ? [] : theirs));
}

/** Those that this one needs itself, or of whose kind it needs others in the same place, left out. */
export function notNeeded(requests: readonly Request[], needs: readonly Need[]): Request[] {
  const covers = ({ action, resource, within = resource }: Need, request: Request) => {
    if (action !== request.action) return false;
    return within.endsWith('*')
      ? request.resource.startsWith(within.slice(0, -1))
      : request.resource === within;
  };
  return requests.filter((request) => !needs.some((need) => covers(need, request)));
}
