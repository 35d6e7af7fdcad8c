// What Lambda itself does in a function's role, which no recording can show: as Amazon's pages list it, on
// the resources of the deployment.
import type { DeployedFunction, Mapping } from './deployed.ts';
import { arn } from './resolve.ts';
import type { Need } from './simulate.ts';

const LOG_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const CLUSTER_ACTIONS = [
  ...['kafka:DescribeClusterV2', 'kafka-cluster:Connect'],
  'kafka-cluster:DescribeClusterDynamicConfiguration',
];
const TOPIC_ACTIONS = ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'];
const GROUP_ACTIONS = ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'];

/** https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
const TRACE_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** Everything that these need is granted on `*`: Lambda makes, finds and removes interfaces by itself. */
const INTERFACE = arn('ec2', 'network-interface/eni-0123456789abcdef0');
const ON_INTERFACES: Readonly<Record<string, string>> = {
  'ec2:CreateNetworkInterface': INTERFACE,
  'ec2:DeleteNetworkInterface': INTERFACE,
  'ec2:AssignPrivateIpAddresses': INTERFACE,
  'ec2:UnassignPrivateIpAddresses': INTERFACE,
};

export function lambdaNeeds(deployed: DeployedFunction): Need[] {
  const { logGroup, isInVpc, isTraced, mappings } = deployed;
  return [
    ...logNeeds(logGroup),
    ...(isInVpc ? networkNeeds(FUNCTION_NETWORK) : []),
    ...(isTraced ? on('*', TRACE_ACTIONS) : []),
    ...mappings.flatMap(mappingNeeds),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html; the group is the stack's. */
function logNeeds(logGroup: string): Need[] {
  const group = arn('logs', `log-group:${logGroup}`);
  const resource = `${group}:log-stream:2026/11/22/[1]0a1b2c3d`;
  return LOG_ACTIONS.map((action) => ({ action, resource, within: `${group}:*` }));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const FUNCTION_NETWORK = [
  ...['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
  ...['ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses'],
  'ec2:UnassignPrivateIpAddresses',
];

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html */
const POLLER_NETWORK = [
  ...['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeVpcs'],
  ...['ec2:DeleteNetworkInterface', 'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
];

function networkNeeds(actions: readonly string[]): Need[] {
  return actions.map((action) => ({ action, resource: ON_INTERFACES[action] ?? '*', within: '*' }));
}

/**
 * The cluster: https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html, which asks for one of
 * DescribeCluster and DescribeClusterV2. For GetBootstrapBrokers IAM knows no resource:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html
 * Topics and groups: https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html
 */
function mappingNeeds(mapping: Mapping): Need[] {
  const { EventSourceArn: cluster, Topics, AmazonManagedKafkaEventSourceConfig: kafka } = mapping;
  const below = (kind: string, name: string) =>
    `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`;
  const [topic] = Topics;
  return [
    ...on(cluster, CLUSTER_ACTIONS),
    ...on('*', ['kafka:GetBootstrapBrokers']),
    ...on(below('topic', topic), TOPIC_ACTIONS),
    ...on(below('group', kafka.ConsumerGroupId), GROUP_ACTIONS),
    ...networkNeeds(POLLER_NETWORK),
    ...(mapping.DestinationConfig
      ? destinationNeeds(mapping.DestinationConfig.OnFailure.Destination)
      : []),
    ...registryNeeds(kafka.SchemaRegistryConfig),
  ];
}

const on = (resource: string, actions: readonly string[]): Need[] =>
  actions.map((action) => ({ action, resource }));

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html, with the form of the keys. */
function destinationNeeds(bucket: string): Need[] {
  const resource = `${bucket}/aws/lambda/0a1b2c3d-mapping/shop-0/2026/11/22/batch`;
  return [
    { action: 's3:PutObject', resource, within: `${bucket}/aws/lambda/*` },
    { action: 's3:ListBucket', resource: bucket },
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html */
function registryNeeds(
  config: Mapping['AmazonManagedKafkaEventSourceConfig']['SchemaRegistryConfig'],
): Need[] {
  if (!config) return [];
  const { SchemaRegistryURI: registry, AccessConfigs = [] } = config;
  const secrets = AccessConfigs.flatMap(({ URI }) => on(URI, ['secretsmanager:GetSecretValue']));
  if (!registry.startsWith('arn:')) return secrets;
  const schemas = registry.replace(':registry/', ':schema/');
  return [
    ...on(registry, ['glue:GetRegistry', 'glue:GetSchemaVersion']),
    { action: 'glue:GetSchemaVersion', resource: `${schemas}/orders`, within: `${schemas}/*` },
  ];
}
