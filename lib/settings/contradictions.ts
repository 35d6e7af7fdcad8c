// Which settings need or exclude each other. Each rule is a sentence that a person can act on.

import { API } from './api-rules.ts';
import type { ContextValues } from './context-keys.ts';
import { POLLERS_MAX } from './mapping-settings.ts';
import { PLACES } from './places.ts';
import { isSet, needs, only, type Rule, refuse } from './rules.ts';
import { BROKER_ZONES, GATEWAY_ENDPOINTS, isExpress, readTopics } from './source-settings.ts';

type Values = ContextValues;

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html */
const POLLERS_OF_A_GROUP = 2_000;

const hasExistingCluster = (v: Values) => v.cluster === 'existing' || isSet(v, 'clusterArn');
const hasExpressBrokers = (v: Values) => v.cluster === 'provisioned' && isExpress(v);
const hasExistingVpc = (v: Values) => isSet(v, 'vpcId');
const makesGateway = (v: Values) =>
  (v.createEndpoints ?? []).some((name) => (GATEWAY_ENDPOINTS as readonly string[]).includes(name));
const makesEndpoints = (v: Values) =>
  inAws(v) && (!hasExistingVpc(v) || (v.createEndpoints ?? []).some((name) => name !== 'none'));
const isProvisioned = (v: Values) => v.pollers === 'provisioned';
const hasNewDatabase = (v: Values) => v.database === 'new';
const topicsOf = (v: Values) => Object.values(readTopics(v)).flat();
/** Of the topics that share a group, how many pollers each may have. */
const pollersShare = (v: Values) => Math.floor(POLLERS_OF_A_GROUP / topicsOf(v).length);
const inAws = (v: Values) => v.stage === 'aws';

const SOURCE: readonly Rule[] = [
  refuse(
    (v) => isSet(v, 'clusterArn') && v.cluster !== undefined && v.cluster !== 'existing',
    'Setting clusterArn names an existing cluster: leave out cluster, or set it to existing.',
  ),
  needs(
    hasExistingCluster,
    'an existing cluster is found by its ARN, its network and its security group',
    'clusterArn',
    'vpcId',
    'subnetIds',
    'clusterSecurityGroupId',
  ),
  only(
    hasExistingCluster,
    'it belongs to an existing cluster (clusterArn)',
    'clusterSecurityGroupId',
  ),
  needs(
    hasExistingVpc,
    'an existing VPC needs its subnets and their zones',
    'subnetIds',
    'availabilityZones',
  ),
  only(
    hasExistingVpc,
    'it belongs to an existing VPC (vpcId)',
    'subnetIds',
    'availabilityZones',
    'routeTableIds',
  ),
  refuse(
    (v) => isSet(v, 'createEndpoints') && !hasExistingVpc(v),
    'Setting createEndpoints is for an existing VPC (vpcId): a new one gets the endpoints that it needs.',
  ),
  needs(
    hasExistingVpc,
    'name what the existing VPC lacks of s3, dynamodb, lambda, sts, secretsmanager, or none if it has them or a NAT gateway',
    'createEndpoints',
  ),
  refuse(
    (v) => (v.createEndpoints ?? []).includes('none') && v.createEndpoints?.length !== 1,
    'Setting createEndpoints is none and names endpoints, too.',
  ),
  needs(
    makesGateway,
    'the endpoints of S3 and DynamoDB are routes in the tables of the subnets',
    'routeTableIds',
  ),
  only(
    makesGateway,
    'the endpoints s3 and dynamodb alone need it (createEndpoints)',
    'routeTableIds',
  ),
  only(
    makesEndpoints,
    'it is of the endpoints that are made here (createEndpoints), and none is',
    'endpointPolicies',
  ),
  only(
    (v) => v.cluster === 'provisioned',
    'it belongs to cluster=provisioned',
    'kafkaVersion',
    'brokerType',
    'brokerStorageGiB',
    'topicPartitions',
  ),
  refuse(
    (v) => isSet(v, 'brokerStorageGiB') && hasExpressBrokers(v),
    'Setting brokerStorageGiB cannot be used here: express brokers keep their own storage.',
  ),
  refuse(
    (v) => v.cluster === 'provisioned' && (v.subnetIds?.length ?? 0) > BROKER_ZONES,
    'Setting subnetIds must be two or three with cluster=provisioned: a broker stands in each, and MSK takes no more.',
  ),
  refuse(
    (v) => hasExpressBrokers(v) && hasExistingVpc(v) && v.subnetIds?.length !== BROKER_ZONES,
    'Setting subnetIds must be three with express brokers, which stand in three zones.',
  ),
  refuse(
    (v) => (v.subnetIds?.length ?? 0) !== (v.availabilityZones?.length ?? 0),
    'Settings subnetIds and availabilityZones must be of the same length, one zone a subnet.',
  ),
  refuse(
    (v) => new Set(topicsOf(v)).size < topicsOf(v).length,
    'Settings topicOrders, topicOrderItems and topicOutcomes must name each topic once.',
  ),
];

const MAPPING: readonly Rule[] = [
  only(
    isProvisioned,
    'Lambda allows it with pollers=provisioned only',
    'pollersMin',
    'pollersMax',
    'pollerGroup',
    'partialBatchResponses',
    'bisectBatch',
    'retryAttempts',
    'recordAgeMax',
  ),
  refuse(
    (v) => v.schemaRegistry !== 'none' && !isProvisioned(v),
    'Setting schemaRegistry cannot be used here: Lambda allows it with pollers=provisioned only.',
  ),
  refuse(
    (v) => (v.pollersMin ?? 1) > (v.pollersMax ?? POLLERS_MAX),
    `Setting pollersMin must not be above pollersMax (${POLLERS_MAX} when not set).`,
  ),
  (v) =>
    isProvisioned(v) && (v.pollersMax ?? POLLERS_MAX) > pollersShare(v)
      ? `Setting pollersMax must not be above ${pollersShare(v)}: the ${topicsOf(v).length} topics share a group, which has ${POLLERS_OF_A_GROUP} pollers at most.`
      : undefined,
  refuse(
    (v) =>
      v.batchSize > 10 &&
      v.batchWindow === 0 &&
      v.pollers === 'provisioned' &&
      v.bisectBatch === true,
    'Setting batchWindow must be at least 1 second when batches of more than 10 records are bisected.',
  ),
  needs(
    (v) => v.startingPosition === 'AT_TIMESTAMP',
    'startingPosition=AT_TIMESTAMP starts there (seconds since 1970)',
    'startingTimestamp',
  ),
  only(
    (v) => v.startingPosition === 'AT_TIMESTAMP',
    'it belongs to startingPosition=AT_TIMESTAMP',
    'startingTimestamp',
  ),
  needs(
    (v) => v.schemaRegistry === 'glue',
    'schemaRegistry=glue reads its schemas there',
    'schemaRegistryArn',
  ),
  needs(
    (v) => v.schemaRegistry === 'confluent',
    'schemaRegistry=confluent reads its schemas there',
    'schemaRegistryUrl',
    'schemaRegistrySecretArn',
  ),
  only(
    (v) => v.schemaRegistry === 'glue',
    'it belongs to schemaRegistry=glue',
    'schemaRegistryArn',
  ),
  only(
    (v) => v.schemaRegistry === 'confluent',
    'it belongs to schemaRegistry=confluent',
    'schemaRegistryUrl',
    'schemaRegistrySecretArn',
  ),
];

const DATABASE: readonly Rule[] = [
  needs((v) => !hasNewDatabase(v), 'an existing database is found by its host', 'databaseHost'),
  refuse(
    (v) => !hasNewDatabase(v) && !isSet(v, 'databaseResourceId') && !isSet(v, 'databaseSecretArn'),
    'Setting databaseResourceId (for IAM authentication) or databaseSecretArn (for a password) is missing.',
  ),
  refuse(
    (v) => isSet(v, 'databaseResourceId') && isSet(v, 'databaseSecretArn'),
    'Settings databaseResourceId (IAM authentication) and databaseSecretArn (a password) exclude each other.',
  ),
  refuse(
    (v) => isSet(v, 'databaseResourceId') && v.databaseTls === 'disable',
    'Setting databaseTls is "disable": IAM authentication (databaseResourceId) needs TLS.',
  ),
  needs(
    (v) => !hasNewDatabase(v) && inAws(v),
    'the functions reach an existing database through its security group, in the VPC of vpcId or, as one that was restored, in that of the stack',
    'databaseSecurityGroupId',
  ),
  only(
    (v) => !hasNewDatabase(v),
    'it belongs to database=existing',
    'databaseHost',
    'databaseResourceId',
    'databaseSecurityGroupId',
    'databaseSecretArn',
    'databaseAdminSecretArn',
    'databasePort',
  ),
  only(
    (v) => isSet(v, 'databaseSecretArn'),
    'it is the second beside databaseSecretArn',
    'databaseReaderSecretArn',
  ),
  refuse(
    (v) => hasNewDatabase(v) && v.databaseTls !== 'verify-full',
    'Setting databaseTls is for database=existing: to a new one the certificate is always checked.',
  ),
  only(
    hasNewDatabase,
    'it belongs to database=new',
    'databaseInstance',
    'databaseStorageGiB',
    'databaseStorageMaxGiB',
    'databaseMultiAz',
    'databaseProxy',
    'databaseBackupDays',
    'databaseKmsKeyArn',
  ),
  refuse(
    (v) => v.databaseStorageMaxGiB < v.databaseStorageGiB,
    'Setting databaseStorageMaxGiB must not be below databaseStorageGiB.',
  ),
];

const STAGE: readonly Rule[] = [
  refuse(
    (v) => inAws(v) && v.cluster === 'none',
    'Setting cluster is "none": only stage=localstack goes without Kafka.',
  ),
  refuse(
    (v) =>
      !inAws(v) &&
      (v.cluster !== 'none' ||
        isSet(v, 'vpcId') ||
        hasNewDatabase(v) ||
        v.waf ||
        v.console ||
        v.backup !== 'none' ||
        v.gradualDeployment !== 'none' ||
        v.apiAuth === 'cognito' ||
        isSet(v, 'domainName')),
    'stage=localstack has no MSK, VPC, RDS, WAF, Cognito, CloudFront, AWS Backup, CodeDeploy and domains: leave those settings out.',
  ),
];

const OPERATION: readonly Rule[] = [
  only(
    (v) => v.backup !== 'none',
    'it belongs to backup=daily or weekly',
    'backupDays',
    'backupVault',
  ),
  refuse(
    (v) => isSet(v, 'alarmTopicArn') && isSet(v, 'alarmEmail'),
    'Setting alarmEmail is for a topic of the stack: whoever gets the alarms subscribes to alarmTopicArn.',
  ),
];

export function findContradiction(values: Values): string | undefined {
  for (const rule of [
    ...STAGE,
    ...SOURCE,
    ...MAPPING,
    ...DATABASE,
    ...API,
    ...OPERATION,
    ...PLACES,
  ]) {
    const found = rule(values);
    if (found) return found;
  }
  return undefined;
}
