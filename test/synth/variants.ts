// Settings of the stack that a person would choose: each must give a template.

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const secret = (name: string) =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-AbCdEf`;

const KEYS = ['now', 'before', 'database'] as const;
export const keyArn = (name: (typeof KEYS)[number]) =>
  `arn:aws:kms:${REGION}:${ACCOUNT}:key/0a1b2c3d-1111-2222-3333-44445555777${KEYS.indexOf(name)}`;

export const EXISTING_CLUSTER = {
  clusterArn: `arn:aws:kafka:${REGION}:${ACCOUNT}:cluster/shop/0a1b2c3d-1111-2222-3333-444455556666-7`,
  clusterSecurityGroupId: 'sg-0123456789abcdef0',
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  availabilityZones: `${REGION}a,${REGION}b`,
  createEndpoints: 'none',
};

/** A zone for each broker, and a cluster of the stack in it. */
export const EXISTING_VPC = {
  cluster: 'provisioned',
  vpcId: EXISTING_CLUSTER.vpcId,
  subnetIds: `${EXISTING_CLUSTER.subnetIds},subnet-0123456789abcdef2`,
  availabilityZones: `${EXISTING_CLUSTER.availabilityZones},${REGION}c`,
  createEndpoints: 'none',
};

export const EXISTING_DATABASE = {
  ...EXISTING_CLUSTER,
  database: 'existing',
  databaseHost: 'outcomes.example.internal',
  databaseResourceId: 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  databaseSecurityGroupId: 'sg-0123456789abcdef1',
};

export const VARIANTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'new cluster': {},
  'new cluster of express brokers': { ...EXISTING_VPC, brokerType: 'express.m7g.large' },
  'existing cluster and VPC': EXISTING_CLUSTER,
  'endpoints in an existing VPC': {
    ...EXISTING_CLUSTER,
    routeTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    createEndpoints: ['s3', 'dynamodb', 'lambda', 'sts', 'secretsmanager'],
    endpointPolicies: 'service',
  },
  'stores of an earlier stack, alarms to a topic that is there': {
    ...EXISTING_CLUSTER,
    ...{ pollers: 'provisioned', retryAttempts: 500 },
    alarmTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:on-call`,
    aggregatesTable: 'earlier-aggregates',
    documentsBucket: 'earlier-documents',
    backup: 'daily',
    backupVault: 'earlier-vault',
  },
  'existing database': EXISTING_DATABASE,
  'existing database, roles made at deployment': {
    ...EXISTING_DATABASE,
    databaseAdminSecretArn: secret('admin'),
  },
  'existing database with passwords': {
    ...EXISTING_DATABASE,
    databaseResourceId: undefined,
    databaseSecretArn: secret('writer'),
    databaseReaderSecretArn: secret('reader'),
  },
  'tables of other names and forms': {
    ...EXISTING_CLUSTER,
    topicOrders: 'shop.sales_orders',
    ordersColumns: 'id=order_id,total_amount=amount',
    orderItemsColumns: 'price=unit_price',
    decimalHandling: 'total_amount=string,price=precise',
    decimalScale: 'total_amount=2,price=4',
    timestampUnit: 'microseconds',
    unavailableValue: '<unchanged>',
    statusLength: 50,
  },
  'two sources, each with topics of its own': {
    ...EXISTING_CLUSTER,
    topicOrders: 'eu=eu.public.orders,us=us.public.orders',
    topicOrderItems: ['eu=eu.public.order_items', 'us=us.public.order_items'],
    gradualDeployment: 'Canary10Percent5Minutes',
  },
  'provisioned pollers': {
    ...EXISTING_CLUSTER,
    pollers: 'provisioned',
    pollersMin: 1,
    pollersMax: 10,
    pollerGroup: 'shop',
    partialBatchResponses: true,
    bisectBatch: true,
    retryAttempts: 500,
    recordAgeMax: 86_400,
  },
  'provisioned pollers without limits': { ...EXISTING_CLUSTER, pollers: 'provisioned' },
  'Avro by Glue': {
    pollers: 'provisioned',
    schemaRegistry: 'glue',
    schemaRegistryArn: `arn:aws:glue:${REGION}:${ACCOUNT}:registry/shop`,
  },
  'Avro by Confluent': {
    pollers: 'provisioned',
    schemaRegistry: 'confluent',
    schemaRegistryUrl: 'https://registry.example.com',
    schemaRegistrySecretArn: secret('registry'),
  },
  cognito: { apiAuth: 'cognito', signInUrls: 'https://console.example.com/' },
  'cognito, with deletion': {
    apiAuth: 'cognito',
    allowDelete: true,
    signInUrls: 'https://console.example.com/',
  },
  'console with sign-in': { apiAuth: 'cognito', console: true },
  'console at a name of its own, open': {
    apiAuth: 'none',
    console: true,
    consoleDomainName: 'console.example.com',
    consoleCertificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/0a1b2c3d`,
  },
  'no authorisation': { apiAuth: 'none', accountLogRole: 'existing' },
  'everything by choice': {
    cluster: 'provisioned',
    endpointPolicies: 'service',
    backup: 'daily',
    databaseProxy: true,
    databaseMultiAz: true,
    retentionDays: 400,
    waf: true,
    graphqlIntrospection: false,
    domainName: 'api.example.com',
    certificateArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/0a1b2c3d`,
    hostedZoneId: 'Z0123456789ABCDEF',
    corsOrigins: 'https://console.example.com',
    allowDelete: true,
    deleteRoles: `arn:aws:iam::${ACCOUNT}:role/cleanup`,
    responseTransfer: 'stream',
    recorderConcurrency: 10,
    alarmEmail: 'on-call@example.com',
    accountLogRole: 'make',
    tracing: true,
    gradualDeployment: 'Linear10PercentEvery1Minute',
    permissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/boundary`,
  },
  'keys of the account, one of them an earlier one': {
    kmsKeyArns: [keyArn('now'), keyArn('before')],
    databaseKmsKeyArn: keyArn('database'),
  },
  localstack: {
    stage: 'localstack',
    databaseHost: 'postgres',
    databaseSecretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:analytics-db-AbCdEf',
  },
};
