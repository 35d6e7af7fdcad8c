// For each setting a deployment, and another value of that setting alone, as somebody would change it later.
import type { ContextKey } from '../../lib/settings/context-keys.ts';
import type { Context } from './synthesize.ts';
import { EXISTING_CLUSTER, EXISTING_DATABASE, EXISTING_VPC, keyArn, VARIANTS } from './variants.ts';

export interface Change {
  readonly from: Context;
  readonly to: Context;
}

const variant = (name: string): Context => VARIANTS[name] ?? {};
const change = (from: Context, to: Context): Change => ({ from, to: { ...from, ...to } });

const BACKUP = { backup: 'daily' };
const PROVISIONED = { cluster: 'provisioned' };
const POLLERS = variant('provisioned pollers');
const PASSWORDS = variant('existing database with passwords');
const ENDPOINTS = variant('endpoints in an existing VPC');
const GLUE = variant('Avro by Glue');
const CONFLUENT = variant('Avro by Confluent');
const CHOSEN = variant('everything by choice');
const CONSOLE = variant('console at a name of its own, open');
const DELETION = {
  allowDelete: true,
  deleteRoles: 'arn:aws:iam::123456789012:role/cleanup',
};
const AT_TIMESTAMP = { startingPosition: 'AT_TIMESTAMP', startingTimestamp: 1_700_000_000 };
const other = (context: Context, key: ContextKey) =>
  String(context[key]).replace(/\w(-\w{6})?$/, '9$1');

/** Of these a stack has one value for all its life: another value is another stack. */
export type FixedKey = 'stackName' | 'stage';

export const CHANGES: Readonly<Record<Exclude<ContextKey, FixedKey>, Change>> = {
  alarmEmail: change(CHOSEN, { alarmEmail: 'nights@example.com' }),
  alarmTopicArn: change({}, { alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:on-call' }),
  permissionsBoundaryArn: change(
    {},
    { permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary' },
  ),
  tracing: change({}, { tracing: true }),
  gradualDeployment: change({}, { gradualDeployment: 'Canary10Percent5Minutes' }),
  logLevel: change({}, { logLevel: 'DEBUG' }),
  logDays: change({}, { logDays: '90' }),
  cluster: change({}, PROVISIONED),
  clusterArn: change(EXISTING_CLUSTER, { clusterArn: other(EXISTING_CLUSTER, 'clusterArn') }),
  clusterSecurityGroupId: change(ENDPOINTS, { clusterSecurityGroupId: 'sg-0123456789abcdef9' }),
  kafkaVersion: change(PROVISIONED, { kafkaVersion: '4.0.x' }),
  brokerType: change(EXISTING_VPC, { brokerType: 'express.m7g.large' }),
  brokerStorageGiB: change(PROVISIONED, { brokerStorageGiB: 200 }),
  topicPartitions: change(PROVISIONED, { topicPartitions: 24 }),
  topicOrders: change({}, { topicOrders: 'shop.public.orders' }),
  topicOrderItems: change({}, { topicOrderItems: 'shop.public.order_items' }),
  topicOutcomes: change({}, { topicOutcomes: 'outcomes' }),
  ingestion: change({}, { ingestion: 'off' }),
  consumerGroup: change({}, { consumerGroup: 'again' }),
  batchSize: change({}, { batchSize: 500 }),
  batchWindow: change({}, { batchWindow: 5 }),
  startingPosition: change({}, { startingPosition: 'LATEST' }),
  startingTimestamp: change(AT_TIMESTAMP, { startingTimestamp: 1_700_000_001 }),
  pollers: change({}, { pollers: 'provisioned' }),
  pollersMin: change(POLLERS, { pollersMin: 2 }),
  pollersMax: change(POLLERS, { pollersMax: 20 }),
  pollerGroup: change(POLLERS, { pollerGroup: 'another' }),
  partialBatchResponses: change(POLLERS, { partialBatchResponses: false }),
  bisectBatch: change(POLLERS, { bisectBatch: false }),
  retryAttempts: change(POLLERS, { retryAttempts: 5 }),
  recordAgeMax: change(POLLERS, { recordAgeMax: 600 }),
  schemaRegistry: change({ pollers: 'provisioned' }, GLUE),
  schemaRegistryArn: change(GLUE, { schemaRegistryArn: other(GLUE, 'schemaRegistryArn') }),
  schemaRegistryUrl: change(CONFLUENT, { schemaRegistryUrl: 'https://other.example.com' }),
  schemaRegistrySecretArn: change(CONFLUENT, {
    schemaRegistrySecretArn: other(CONFLUENT, 'schemaRegistrySecretArn'),
  }),
  vpcId: change(ENDPOINTS, { vpcId: 'vpc-0123456789abcdef9' }),
  subnetIds: change(ENDPOINTS, {
    subnetIds: 'subnet-0123456789abcdef8,subnet-0123456789abcdef9',
  }),
  availabilityZones: change(ENDPOINTS, { availabilityZones: 'eu-west-1b,eu-west-1c' }),
  createEndpoints: change(ENDPOINTS, { createEndpoints: ['s3', 'secretsmanager'] }),
  endpointPolicies: change({}, { endpointPolicies: 'service' }),
  routeTableIds: change(ENDPOINTS, { routeTableIds: 'rtb-0123456789abcdef9' }),
  database: change(
    {},
    {
      database: 'existing',
      databaseHost: 'restored.example.internal',
      databaseResourceId: EXISTING_DATABASE.databaseResourceId,
      databaseSecurityGroupId: EXISTING_DATABASE.databaseSecurityGroupId,
    },
  ),
  databaseInstance: change({}, { databaseInstance: 'r7g.large' }),
  databaseStorageGiB: change({}, { databaseStorageGiB: 100 }),
  databaseStorageMaxGiB: change({}, { databaseStorageMaxGiB: 1_000 }),
  databaseMultiAz: change({}, { databaseMultiAz: true }),
  databaseProxy: change({}, { databaseProxy: true }),
  databaseBackupDays: change({}, { databaseBackupDays: 30 }),
  databaseKmsKeyArn: change({}, { databaseKmsKeyArn: keyArn('database') }),
  databaseName: change({}, { databaseName: 'outcomes' }),
  databaseHost: change(EXISTING_DATABASE, { databaseHost: 'restored.example.internal' }),
  databasePort: change(EXISTING_DATABASE, { databasePort: 6_432 }),
  databaseTls: change(PASSWORDS, { databaseTls: 'require' }),
  databaseResourceId: change(EXISTING_DATABASE, { databaseResourceId: 'db-RESTORED' }),
  databaseSecurityGroupId: change(EXISTING_DATABASE, {
    databaseSecurityGroupId: 'sg-0123456789abcdef9',
  }),
  databaseSecretArn: change(PASSWORDS, {
    databaseSecretArn: other(PASSWORDS, 'databaseSecretArn'),
  }),
  databaseReaderSecretArn: change(PASSWORDS, {
    databaseReaderSecretArn: other(PASSWORDS, 'databaseReaderSecretArn'),
  }),
  databaseAdminSecretArn: change(EXISTING_DATABASE, {
    databaseAdminSecretArn: PASSWORDS.databaseSecretArn,
  }),
  recorderConcurrency: change({}, { recorderConcurrency: 5 }),
  retentionDays: change({}, { retentionDays: 400 }),
  apiAuth: change({}, { apiAuth: 'cognito', signInUrls: 'https://console.example.com/' }),
  signInUrls: change(variant('cognito'), { signInUrls: 'https://other.example.com/' }),
  corsOrigins: change({}, { corsOrigins: 'https://console.example.com' }),
  throttleRate: change({}, { throttleRate: 10 }),
  throttleBurst: change({}, { throttleBurst: 10 }),
  apiConcurrency: change({}, { apiConcurrency: 0 }),
  responseTransfer: change({}, { responseTransfer: 'stream' }),
  domainName: change(CHOSEN, { domainName: 'figures.example.com' }),
  certificateArn: change(CHOSEN, { certificateArn: other(CHOSEN, 'certificateArn') }),
  hostedZoneId: change(CHOSEN, { hostedZoneId: 'Z9123456789ABCDEF' }),
  waf: change({}, { waf: true }),
  accountLogRole: change({}, { accountLogRole: 'make' }),
  operatorMemoryMiB: change({}, { operatorMemoryMiB: 10_240 }),
  flushInterval: change({}, { flushInterval: 60 }),
  reportPrefix: change({}, { reportPrefix: 'shop/reports' }),
  topN: change({}, { topN: 10 }),
  decimalScale: change({}, { decimalScale: 4 }),
  streamEpoch: change({}, { streamEpoch: '1' }),
  pageSpan: change({}, { pageSpan: 32 }),
  ordersColumns: change({}, { ordersColumns: 'id=order_id' }),
  orderItemsColumns: change({}, { orderItemsColumns: 'price=unit_price' }),
  decimalHandling: change({}, { decimalHandling: 'string' }),
  timestampUnit: change({}, { timestampUnit: 'seconds' }),
  unavailableValue: change({}, { unavailableValue: '<unchanged>' }),
  statusLength: change({}, { statusLength: 50 }),
  graphqlIntrospection: change({}, { graphqlIntrospection: false }),
  allowDelete: change(variant('cognito'), { allowDelete: true }),
  console: change({ apiAuth: 'none' }, { console: true }),
  consoleDomainName: change(CONSOLE, { consoleDomainName: 'figures.example.com' }),
  consoleCertificateArn: change(CONSOLE, {
    consoleCertificateArn: other(CONSOLE, 'consoleCertificateArn'),
  }),
  deleteRoles: change(DELETION, { deleteRoles: 'arn:aws:iam::123456789012:role/others' }),
  aggregatesTable: change({}, { aggregatesTable: 'restored' }),
  kmsKeyArns: change(
    { kmsKeyArns: keyArn('before') },
    { kmsKeyArns: `${keyArn('now')},${keyArn('before')}` },
  ),
  backup: change({}, BACKUP),
  backupDays: change(BACKUP, { backupDays: 30 }),
  backupVault: change(BACKUP, { backupVault: 'central' }),
  documentsBucket: change({}, { documentsBucket: 'restored-documents' }),
  reportDays: change({}, { reportDays: 30 }),
  quarantineDays: change({}, { quarantineDays: 30 }),
};
