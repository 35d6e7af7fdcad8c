// Where the records come from, and the network that is around it.
import type { ContextValues } from './context-keys.ts';

export interface BrokerSettings {
  readonly kafkaVersion: string;
  readonly brokerType: string;
  readonly storageGiB: number;
  readonly topicPartitions: number;
}

/** That brokers of a cluster can stand in; express brokers need all of them. */
export const BROKER_ZONES = 3;

export function isExpress({ brokerType }: Pick<BrokerSettings, 'brokerType'>): boolean {
  return brokerType.startsWith('express.');
}

export type SourceSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'serverless' }
  | ({ readonly kind: 'provisioned' } & BrokerSettings)
  | { readonly kind: 'existing'; readonly clusterArn: string; readonly securityGroupId: string };

/** The names alone: whose label a topic bears is the function's business. */
export interface TopicSettings {
  readonly orders: readonly string[];
  readonly orderItems: readonly string[];
  readonly outcomes: readonly string[];
}

export type Endpoint = 's3' | 'dynamodb' | 'lambda' | 'sts' | 'secretsmanager';
/** Routes in the tables of the subnets, which cost nothing; the others are interfaces. */
export const GATEWAY_ENDPOINTS = ['s3', 'dynamodb'] as const satisfies readonly Endpoint[];

export type NetworkSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'new' }
  | {
      readonly kind: 'existing';
      readonly vpcId: string;
      readonly subnetIds: readonly string[];
      readonly availabilityZones: readonly string[];
      readonly routeTableIds: readonly string[];
      readonly createEndpoints: readonly Endpoint[];
    };

export function readSource(values: ContextValues): SourceSettings {
  const { clusterArn, clusterSecurityGroupId } = values;
  if (clusterArn && clusterSecurityGroupId) {
    return { kind: 'existing', clusterArn, securityGroupId: clusterSecurityGroupId };
  }
  if (values.cluster === 'none') return { kind: 'none' };
  if (values.cluster !== 'provisioned') return { kind: 'serverless' };
  const { kafkaVersion, brokerType, brokerStorageGiB: storageGiB, topicPartitions } = values;
  return { kind: 'provisioned', kafkaVersion, brokerType, storageGiB, topicPartitions };
}

type TopicKey = 'topicOrders' | 'topicOrderItems' | 'topicOutcomes';

export function readTopics(values: Pick<ContextValues, TopicKey>): TopicSettings {
  const names = (entries: readonly string[]) => entries.map((entry) => entry.replace(/^.*=/, ''));
  return {
    orders: names(values.topicOrders),
    orderItems: names(values.topicOrderItems),
    outcomes: [values.topicOutcomes],
  };
}

export function readNetwork(values: ContextValues): NetworkSettings {
  const { vpcId, subnetIds = [], availabilityZones = [], routeTableIds = [] } = values;
  if (values.stage === 'localstack') return { kind: 'none' };
  if (!vpcId) return { kind: 'new' };
  const createEndpoints = (values.createEndpoints ?? []).filter(
    (name) => name !== 'none',
  ) as Endpoint[];
  return { kind: 'existing', vpcId, subnetIds, availabilityZones, routeTableIds, createEndpoints };
}
