// Settings that a person would give and that cannot work, each with the line that says so.
import { EXISTING_CLUSTER, EXISTING_DATABASE, EXISTING_VPC, VARIANTS } from './variants.ts';

export const WRONG: [string, Record<string, unknown>, string][] = [
  [
    'a name that does not exist',
    { pollrs: 'provisioned' },
    'There is no setting "pollrs". Did you mean pollers?',
  ],
  [
    'a name far from any',
    { frobnicate: 1 },
    'There is no setting "frobnicate". docs/deploy.md lists them.',
  ],
  [
    'a number out of range',
    { batchSize: 10_001 },
    'Setting batchSize is 10001: it must be a whole number from 1 to 10000.',
  ],
  [
    'a number that is none',
    { topN: 'many' },
    'Setting topN is "many": it must be a whole number from 1 to 1000.',
  ],
  [
    'an interval that is no whole minute',
    { flushInterval: 90 },
    'Setting flushInterval is 90: it must be a whole number from 60 to 86400, a multiple of 60.',
  ],
  [
    'a choice that does not exist',
    { apiAuth: 'open' },
    'Setting apiAuth is "open": it must be one of iam, cognito, none.',
  ],
  ['a flag that is none', { waf: 'yes' }, 'Setting waf is "yes": it must be true or false.'],
  [
    'a bad ARN',
    { ...EXISTING_CLUSTER, clusterArn: 'shop' },
    'Setting clusterArn is "shop": it must be the ARN of an MSK cluster, arn:aws:kafka:…:cluster/name/uuid.',
  ],
  [
    'one subnet',
    { ...EXISTING_CLUSTER, subnetIds: 'subnet-01234567' },
    'Setting subnetIds is "subnet-01234567": it must be two or more subnets, subnet-…,subnet-….',
  ],
  [
    'subnets without their zones',
    { ...EXISTING_CLUSTER, availabilityZones: 'eu-west-1a,eu-west-1b,eu-west-1c' },
    'Settings subnetIds and availabilityZones must be of the same length, one zone a subnet.',
  ],
  [
    'a cluster without its network',
    { clusterArn: EXISTING_CLUSTER.clusterArn },
    'Setting vpcId and subnetIds and clusterSecurityGroupId is missing: an existing cluster is found by its ARN, its network and its security group.',
  ],
  [
    'a new cluster with the ARN of another',
    { ...EXISTING_CLUSTER, cluster: 'serverless' },
    'Setting clusterArn names an existing cluster: leave out cluster, or set it to existing.',
  ],
  [
    'bisecting on demand',
    { bisectBatch: true },
    'Setting bisectBatch cannot be used here: Lambda allows it with pollers=provisioned only.',
  ],
  [
    'retry limits on demand',
    { retryAttempts: 3 },
    'Setting retryAttempts cannot be used here: Lambda allows it with pollers=provisioned only.',
  ],
  [
    'a schema registry on demand',
    { schemaRegistry: 'glue' },
    'Setting schemaRegistry cannot be used here: Lambda allows it with pollers=provisioned only.',
  ],
  [
    'a schema registry without its address',
    { pollers: 'provisioned', schemaRegistry: 'glue' },
    'Setting schemaRegistryArn is missing: schemaRegistry=glue reads its schemas there.',
  ],
  [
    'more pollers at least than at most',
    { pollers: 'provisioned', pollersMin: 9, pollersMax: 3 },
    'Setting pollersMin must not be above pollersMax (200 when not set).',
  ],
  [
    'a start without its time',
    { startingPosition: 'AT_TIMESTAMP' },
    'Setting startingTimestamp is missing: startingPosition=AT_TIMESTAMP starts there (seconds since 1970).',
  ],
  [
    'one topic twice',
    { topicOrders: 'a', topicOrderItems: 'eu=b,us=a' },
    'Settings topicOrders, topicOrderItems and topicOutcomes must name each topic once.',
  ],
  [
    'a list of topics that is none',
    { topicOrders: 'eu=,us=a' },
    'Setting topicOrders is "eu=,us=a": it must be topics of one table, each as <topic> or <label>=<topic>, with commas.',
  ],
  [
    'pollers of more topics than their group has',
    { pollers: 'provisioned', topicOrders: 'a,b', pollersMax: 501 },
    'Setting pollersMax must not be above 500: the 4 topics share a group, which has 2000 pollers at most.',
  ],
  [
    'an existing database without its host',
    { database: 'existing' },
    'Setting databaseHost is missing: an existing database is found by its host.',
  ],
  [
    'an existing database without a logon',
    { ...EXISTING_DATABASE, databaseResourceId: undefined },
    'Setting databaseResourceId (for IAM authentication) or databaseSecretArn (for a password) is missing.',
  ],
  [
    'IAM without TLS',
    { ...EXISTING_DATABASE, databaseTls: 'disable' },
    'Setting databaseTls is "disable": IAM authentication (databaseResourceId) needs TLS.',
  ],
  [
    'a proxy for an existing database',
    { ...EXISTING_DATABASE, databaseProxy: true },
    'Setting databaseProxy cannot be used here: it belongs to database=new.',
  ],
  [
    'a domain without a certificate',
    { domainName: 'api.example.com' },
    'Setting certificateArn is missing: a domain needs its certificate.',
  ],
  [
    'an existing VPC of which nobody says what it lacks',
    { ...EXISTING_CLUSTER, createEndpoints: undefined },
    'Setting createEndpoints is missing: name what the existing VPC lacks of s3, dynamodb, lambda, sts, secretsmanager, or none if it has them or a NAT gateway.',
  ],
  [
    'the size of brokers that are there already',
    { ...EXISTING_CLUSTER, brokerType: 'kafka.m7g.xlarge' },
    'Setting brokerType cannot be used here: it belongs to cluster=provisioned.',
  ],
  [
    'more zones than brokers of MSK stand in',
    {
      ...EXISTING_VPC,
      subnetIds: `${EXISTING_VPC.subnetIds},subnet-0123456789abcdef3`,
      availabilityZones: `${EXISTING_VPC.availabilityZones},eu-west-1d`,
    },
    'Setting subnetIds must be two or three with cluster=provisioned',
  ],
  [
    'express brokers in two zones',
    {
      ...EXISTING_VPC,
      ...{ brokerType: 'express.m7g.large', subnetIds: EXISTING_CLUSTER.subnetIds },
      availabilityZones: EXISTING_CLUSTER.availabilityZones,
    },
    'Setting subnetIds must be three with express brokers, which stand in three zones.',
  ],
  [
    'route tables without a route',
    { ...EXISTING_CLUSTER, routeTableIds: 'rtb-0123456789abcdef0' },
    'Setting routeTableIds cannot be used here: the endpoints s3 and dynamodb alone need it (createEndpoints).',
  ],
  [
    'policies of endpoints that are not made here',
    { ...EXISTING_CLUSTER, endpointPolicies: 'service' },
    'Setting endpointPolicies cannot be used here: it is of the endpoints that are made here (createEndpoints), and none is.',
  ],
  [
    'the port of a new database',
    { databasePort: 6_432 },
    'Setting databasePort cannot be used here: it belongs to database=existing.',
  ],
  [
    'the size of a database that is there already',
    { ...EXISTING_DATABASE, databaseStorageGiB: 100 },
    'Setting databaseStorageGiB cannot be used here: it belongs to database=new.',
  ],
  [
    'a reader with a password beside a writer without',
    {
      ...EXISTING_DATABASE,
      databaseReaderSecretArn:
        VARIANTS['existing database with passwords']?.databaseReaderSecretArn,
    },
    'Setting databaseReaderSecretArn cannot be used here: it is the second beside databaseSecretArn.',
  ],
  [
    'a secret of another region',
    {
      ...EXISTING_DATABASE,
      databaseAdminSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf',
    },
    'Settings clusterArn (eu-west-1) and databaseAdminSecretArn (us-east-1) are of two regions.',
  ],
  [
    'reports among the batches that were given up',
    { reportPrefix: 'aws' },
    'Setting reportPrefix is "aws": the bucket has other things under aws/lambda/.',
  ],
  [
    'people who sign in nowhere',
    { apiAuth: 'cognito' },
    'Setting signInUrls is missing: people sign in on a page of Cognito',
  ],
  [
    'a page without TLS',
    { apiAuth: 'cognito', signInUrls: 'http://console.example.com/' },
    'Setting signInUrls is "http://console.example.com/": it must be addresses to return to after signing in, https://… or http://localhost….',
  ],
  [
    'more pollers than a group has',
    { pollers: 'provisioned', pollersMax: 700 },
    'Setting pollersMax must not be above 666: the 3 topics share a group, which has 2000 pollers at most.',
  ],
  [
    'deletion by anybody',
    { apiAuth: 'none', allowDelete: true },
    'Setting allowDelete cannot be used with apiAuth=none: anybody could delete.',
  ],
  [
    'deletion by nobody in particular',
    { allowDelete: true },
    'Setting deleteRoles is missing: with allowDelete and apiAuth=iam it names the roles that may delete.',
  ],
  [
    'roles for what cannot be done',
    { deleteRoles: 'arn:aws:iam::123456789012:role/cleanup' },
    'Setting deleteRoles belongs to allowDelete with apiAuth=iam.',
  ],
  [
    'a user instead of a role',
    { allowDelete: true, deleteRoles: 'arn:aws:iam::123456789012:user/ann' },
    'Setting deleteRoles is "arn:aws:iam::123456789012:user/ann": it must be the ARNs of roles, arn:aws:iam::…:role/….',
  ],
  [
    'MSK in LocalStack',
    { ...VARIANTS.localstack, cluster: 'serverless' },
    'stage=localstack has no MSK, VPC, RDS, WAF, Cognito, CloudFront, AWS Backup, CodeDeploy and domains: leave those settings out.',
  ],
  [
    'AWS without Kafka',
    { cluster: 'none' },
    'Setting cluster is "none": only stage=localstack goes without Kafka.',
  ],
];
