// Every setting of the stack: its name in the CDK context, its form, its default where it has one, and
// what it is for. docs/deploy.md lists the same names; a test compares.
import { z } from 'zod';
import { DEFAULTS } from '../../functions/contracts.ts';
import { choice, digits, flag, list, text, whole } from './fields.ts';

const TOPIC = text(/^[A-Za-z0-9._-]{1,249}$/, 'the name of a Kafka topic');
const TOPICS_OF_A_TABLE = list(
  /^([A-Za-z0-9_-]{1,32}=)?[A-Za-z0-9._-]{1,249}$/,
  'topics of one table, each as <topic> or <label>=<topic>, with commas',
  1,
);
const SECURITY_GROUP = text(/^sg-[0-9a-f]{8,17}$/, 'a security group, sg-…');
const SECRET = text(
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/,
  'the ARN of a secret, arn:aws:secretsmanager:…',
);

const KEY =
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const source = {
  cluster: choice('serverless', 'provisioned', 'existing', 'none').optional(),
  clusterArn: text(
    /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/[\w-]+\/[\w-]+$/,
    'the ARN of an MSK cluster, arn:aws:kafka:…:cluster/name/uuid',
  ).optional(),
  clusterSecurityGroupId: SECURITY_GROUP.optional(),
  kafkaVersion: text(/^\d+\.\d+\.[\dx]+(\.kraft)?$/, 'a version of MSK, such as 3.9.x').default(
    '3.9.x',
  ),
  brokerType: text(
    /^(kafka|express)\.[a-z0-9]+\.[a-z0-9]+$/,
    'a broker size of MSK, such as kafka.m7g.large',
  ).default('kafka.m7g.large'),
  brokerStorageGiB: whole(1, 16_384).default(100),
  topicPartitions: whole(1, 2_000).default(12),
  topicOrders: TOPICS_OF_A_TABLE.default(['dbserver1.public.orders']),
  topicOrderItems: TOPICS_OF_A_TABLE.default(['dbserver1.public.order_items']),
  topicOutcomes: TOPIC.default('auction_outcomes'),
};

const mapping = {
  ingestion: choice('on', 'off').default('on'),
  consumerGroup: text(/^[A-Za-z0-9_-]{1,150}$/, 'letters, digits, _ and -, at most 150').optional(),
  batchSize: whole(1, 10_000).default(1_000),
  batchWindow: whole(0, 300).default(1),
  startingPosition: choice('TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP').default('TRIM_HORIZON'),
  startingTimestamp: whole(0, 4_102_444_800).optional(),
  pollers: choice('on-demand', 'provisioned').default('on-demand'),
  pollersMin: whole(1, 200).optional(),
  pollersMax: whole(1, 2_000).optional(),
  pollerGroup: text(/^[A-Za-z0-9_-]{1,128}$/, 'letters, digits, _ and -, at most 128').optional(),
  partialBatchResponses: flag.optional(),
  bisectBatch: flag.optional(),
  retryAttempts: whole(0, 10_000).optional(),
  recordAgeMax: whole(60, 604_800).optional(),
  schemaRegistry: choice('none', 'glue', 'confluent').default('none'),
  schemaRegistryArn: text(
    /^arn:aws[a-z-]*:glue:[a-z0-9-]+:\d{12}:registry\/[\w.$#-]+$/,
    'the ARN of a Glue schema registry, arn:aws:glue:…:registry/name',
  ).optional(),
  schemaRegistryUrl: text(/^https:\/\/\S+$/, 'an address that starts with https://').optional(),
  schemaRegistrySecretArn: SECRET.optional(),
};

const network = {
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'a VPC, vpc-…').optional(),
  subnetIds: list(
    /^subnet-[0-9a-f]{8,17}$/,
    'two or more subnets, subnet-…,subnet-…',
    2,
  ).optional(),
  availabilityZones: list(
    /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
    'the zones of the subnets, such as eu-west-1a,eu-west-1b',
    2,
  ).optional(),
  routeTableIds: list(/^rtb-[0-9a-f]{8,17}$/, 'route tables, rtb-…,rtb-…', 1).optional(),
  createEndpoints: list(
    /^(none|s3|dynamodb|lambda|sts|secretsmanager)$/,
    'endpoints among s3, dynamodb, lambda, sts, secretsmanager, or none',
    1,
  ).optional(),
  endpointPolicies: choice('open', 'service').default('open'),
};

const database = {
  database: choice('new', 'existing').default('new'),
  databaseInstance: text(
    /^[a-z0-9]+\.[a-z0-9]+$/,
    'an instance class without "db.", such as t4g.medium',
  ).default('t4g.medium'),
  databaseStorageGiB: whole(20, 65_536).default(50),
  databaseStorageMaxGiB: whole(20, 65_536).default(500),
  databaseMultiAz: flag.default(false),
  databaseProxy: flag.default(false),
  databaseBackupDays: whole(1, 35).default(7),
  databaseHost: text(/^[A-Za-z0-9.-]{1,253}$/, 'a host name or address').optional(),
  databasePort: whole(1, 65_535).default(DEFAULTS.dbPort),
  databaseName: text(/^[a-z_][a-z0-9_]{0,62}$/, 'small letters, digits and _, at most 63').default(
    DEFAULTS.dbName,
  ),
  databaseResourceId: text(
    /^(db|cluster|prx)-[A-Za-z0-9]+$/,
    'the resource id of the instance, db-…',
  ).optional(),
  databaseSecurityGroupId: SECURITY_GROUP.optional(),
  databaseSecretArn: SECRET.optional(),
  databaseReaderSecretArn: SECRET.optional(),
  databaseAdminSecretArn: SECRET.optional(),
  databaseKmsKeyArn: text(KEY, 'the ARN of a key, arn:aws:kms:…:key/…').optional(),
  databaseTls: choice('verify-full', 'require', 'disable').default('verify-full'),
  recorderConcurrency: whole(0, 1_000).default(0),
  retentionDays: whole(0, 36_500).default(0),
};

const api = {
  apiAuth: choice('iam', 'cognito', 'none').default('iam'),
  corsOrigins: list(
    /^https?:\/\/[A-Za-z0-9.:-]+$/,
    'origins such as https://reports.example.com',
  ).default([]),
  signInUrls: list(
    /^(https:\/\/|http:\/\/localhost[:/])\S+$/,
    'addresses to return to after signing in, https://… or http://localhost…',
    1,
  ).optional(),
  allowDelete: flag.default(false),
  deleteRoles: list(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
    'the ARNs of roles, arn:aws:iam::…:role/…',
  ).default([]),
  throttleRate: whole(1, 10_000).default(50),
  throttleBurst: whole(1, 5_000).default(100),
  apiConcurrency: whole(0, 1_000).default(20),
  responseTransfer: choice('buffered', 'stream').default('buffered'),
  domainName: text(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name').optional(),
  certificateArn: text(
    /^arn:aws[a-z-]*:acm:\S+$/,
    'the ARN of a certificate, arn:aws:acm:…',
  ).optional(),
  hostedZoneId: text(/^Z[A-Z0-9]{1,31}$/, 'a hosted zone of Route 53, Z…').optional(),
  graphqlIntrospection: flag.default(true),
  console: flag.default(false),
  consoleDomainName: text(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name').optional(),
  consoleCertificateArn: text(
    /^arn:aws[a-z-]*:acm:us-east-1:\S+$/,
    'the ARN of a certificate in us-east-1, arn:aws:acm:us-east-1:…',
  ).optional(),
  waf: flag.default(false),
  accountLogRole: choice('none', 'existing', 'make').default('none'),
};

const NAMES = text(
  /^[^\s=,]{1,63}=[^\s=,]{1,63}(,[^\s=,]{1,63}=[^\s=,]{1,63})*$/,
  'names such as id=order_id,total_amount=amount',
);
const HANDLING = 'auto|string|precise|double';

/** How the change events are read: the function says which columns there are. */
const decoding = {
  ordersColumns: NAMES.optional(),
  orderItemsColumns: NAMES.optional(),
  decimalHandling: text(
    new RegExp(
      `^(${HANDLING}|(total_amount|price)=(${HANDLING})(,(total_amount|price)=(${HANDLING}))?)$`,
    ),
    'auto, string, precise or double, or total_amount=… and price=… with a comma',
  ).default(DEFAULTS.decimalHandling),
  decimalScale: digits(
    /^(\d|10|(total_amount|price)=(\d|10)(,(total_amount|price)=(\d|10))?)$/,
    'a whole number from 0 to 10, or total_amount=… and price=… with a comma',
  ).default(DEFAULTS.decimalScale),
  timestampUnit: choice(
    ...(['auto', 'days', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const),
  ).default(DEFAULTS.timestampUnit),
  unavailableValue: text(/^.{1,255}$/u, 'text of at most 255 characters').default(
    DEFAULTS.unavailableValue,
  ),
  statusLength: whole(1, 4_096).default(DEFAULTS.statusLength),
};

export const DECODING_KEYS = Object.keys(decoding) as (keyof typeof decoding)[];

const reports = {
  flushInterval: whole(60, 86_400, 60).default(300),
  reportPrefix: text(/^[\w.-]+(\/[\w.-]+)*$/, 'a prefix of S3 keys without / at its ends').default(
    DEFAULTS.reportPrefix,
  ),
  topN: whole(1, 1_000).default(DEFAULTS.topN),
  pageSpan: whole(1, 100_000).default(DEFAULTS.pageSpan),
  streamEpoch: text(/^[A-Za-z0-9_-]{1,32}$/, 'letters, digits, _ and -, at most 32').default(
    DEFAULTS.streamEpoch,
  ),
  reportDays: whole(1, 3_650).default(90),
  quarantineDays: whole(14, 3_650).default(365),
};

const stores = {
  aggregatesTable: text(/^[\w.-]{3,255}$/, 'the name of a DynamoDB table').optional(),
  kmsKeyArns: list(KEY, 'the ARNs of keys, arn:aws:kms:…:key/…, with commas').default([]),
  backup: choice('none', 'daily', 'weekly').default('none'),
  backupDays: whole(1, 36_500).default(90),
  backupVault: text(/^[\w-]{2,50}$/, 'the name of a vault of AWS Backup').optional(),
  documentsBucket: text(/^[a-z0-9][a-z0-9.-]{2,62}$/, 'the name of an S3 bucket').optional(),
};

/** Of CodeDeploy, as it names them itself. */
const STEPS = [
  ...(['Canary10Percent5Minutes', 'Canary10Percent10Minutes'] as const),
  ...(['Canary10Percent15Minutes', 'Canary10Percent30Minutes'] as const),
  ...(['Linear10PercentEvery1Minute', 'Linear10PercentEvery2Minutes'] as const),
  ...(['Linear10PercentEvery3Minutes', 'Linear10PercentEvery10Minutes'] as const),
] as const;

const service = {
  stage: choice('aws', 'localstack').default('aws'),
  stackName: text(/^[a-z][a-z0-9-]{0,30}$/, 'small letters, digits and -, at most 31').default(
    'analytics-service',
  ),
  alarmEmail: text(/^[^\s@]+@[^\s@]+$/, 'an address of electronic mail').optional(),
  alarmTopicArn: text(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
    'the ARN of a topic of SNS, arn:aws:sns:…',
  ).optional(),
  permissionsBoundaryArn: text(
    /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,576}$/,
    'the ARN of a policy, arn:aws:iam::…:policy/…',
  ).optional(),
  tracing: flag.default(false),
  gradualDeployment: choice('none', ...STEPS).default('none'),
  operatorMemoryMiB: whole(1_024, 10_240).default(3_008),
  logLevel: choice('DEBUG', 'INFO', 'WARN', 'ERROR').default(DEFAULTS.logLevel),
  logDays: choice('7', '14', '30', '90', '180', '365').default('30'),
};

export const contextSchema = z.object({
  ...service,
  ...source,
  ...mapping,
  ...network,
  ...database,
  ...api,
  ...decoding,
  ...reports,
  ...stores,
});

/** Each value in its form; what belongs together is not checked yet. */
export type ContextValues = z.infer<typeof contextSchema>;
export type ContextKey = keyof ContextValues;
export const CONTEXT_KEYS = Object.keys(contextSchema.shape) as ContextKey[];
