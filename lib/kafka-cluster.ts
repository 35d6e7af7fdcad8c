// The MSK cluster, existing or new, with IAM authentication. What a client of it may do is said in ARNs
// of the cluster, its topics and its consumer groups.
import { Fn, Stack, Token } from 'aws-cdk-lib';
import { type ISecurityGroup, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnCluster, CfnServerlessCluster, CfnTopic } from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import { SettingsError } from './settings/settings.ts';
import {
  BROKER_ZONES,
  type BrokerSettings,
  isExpress,
  type SourceSettings,
} from './settings/source-settings.ts';
import { stackCreation } from './stack-creation.ts';

/** SASL with IAM: https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html */
const IAM_PORT = 9098;
/** Of each partition, where there are as many brokers. */
const REPLICAS = 3;

export interface KafkaClusterProps {
  readonly settings: Exclude<SourceSettings, { kind: 'none' }>;
  readonly network: Network;
  readonly logRetention: RetentionDays;
}

export class KafkaCluster extends Construct {
  readonly arn: string;
  readonly name: string;
  readonly securityGroup: ISecurityGroup;
  readonly isServerless: boolean;
  #brokers = 0;

  constructor(
    scope: Construct,
    id: string,
    { settings, network, logRetention }: KafkaClusterProps,
  ) {
    super(scope, id);
    this.isServerless = settings.kind === 'serverless';
    if (settings.kind === 'existing') {
      this.arn = settings.clusterArn;
      this.name = settings.clusterArn.split('/')[1] ?? '';
      this.securityGroup = SecurityGroup.fromSecurityGroupId(
        this,
        'Group',
        settings.securityGroupId,
      );
    } else {
      const group = this.#makeGroup(network);
      this.securityGroup = group;
      this.name = nameOf(this, kindOf(settings), network);
      this.arn =
        settings.kind === 'serverless'
          ? this.#makeServerless(network, group)
          : this.#makeProvisioned(network, group, settings, logRetention);
    }
    network.admitToEndpoints(this.securityGroup);
  }

  /** Nobody else makes them, as brokers of MSK make none by themselves. MSK Serverless has no such interface. */
  makeTopics(names: readonly string[], { topicPartitions }: BrokerSettings): void {
    for (const topicName of names) {
      new CfnTopic(this, `Topic-${topicName}`, {
        clusterArn: this.arn,
        topicName,
        partitionCount: topicPartitions,
        replicationFactor: Math.min(this.#brokers, REPLICAS),
      });
    }
  }

  topicArn(topic: string): string {
    return `${this.#arnOf('topic')}/${topic}`;
  }

  groupArn(consumerGroup: string): string {
    return `${this.#arnOf('group')}/${consumerGroup}`;
  }

  /** arn:…:cluster/name/uuid → arn:…:topic/name/uuid */
  #arnOf(kind: 'topic' | 'group'): string {
    if (!Token.isUnresolved(this.arn)) return this.arn.replace(':cluster/', `:${kind}/`);
    const [, name = '', uuid = ''] = [0, 1, 2].map((part) =>
      Fn.select(part, Fn.split('/', this.arn)),
    );
    return Stack.of(this).formatArn({
      service: 'kafka',
      resource: kind,
      resourceName: `${name}/${uuid}`,
    });
  }

  /** Lambda's pollers take the cluster's own security group, so it must admit itself. */
  #makeGroup(network: Network): SecurityGroup {
    const group = new SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: 'Kafka: brokers and their clients',
      allowAllOutbound: true,
    });
    group.addIngressRule(group, Port.tcp(IAM_PORT), 'Kafka with IAM authentication');
    return group;
  }

  #makeServerless(network: Network, group: SecurityGroup): string {
    const { subnetIds } = network.vpc.selectSubnets(network.subnets);
    const cluster = new CfnServerlessCluster(this, 'Serverless', {
      clusterName: this.name,
      clientAuthentication: { sasl: { iam: { enabled: true } } },
      vpcConfigs: [{ subnetIds, securityGroups: [group.securityGroupId] }],
    });
    return cluster.attrArn;
  }

  #makeProvisioned(
    network: Network,
    group: SecurityGroup,
    settings: BrokerSettings,
    retention: RetentionDays,
  ): string {
    const { kafkaVersion, brokerType, storageGiB } = settings;
    const { subnetIds } = network.vpc.selectSubnets(network.subnets);
    this.#brokers = subnetIds.length;
    if (isExpress(settings)) refuseTooFewZones(settings, subnetIds.length);
    const logs = new LogGroup(this, 'BrokerLogs', { retention });
    // Brokers of one kind cannot become the other.
    const cluster = new CfnCluster(this, isExpress(settings) ? 'Express' : 'Provisioned', {
      clusterName: this.name,
      kafkaVersion,
      numberOfBrokerNodes: subnetIds.length,
      brokerNodeGroupInfo: {
        instanceType: brokerType,
        clientSubnets: subnetIds,
        securityGroups: [group.securityGroupId],
        // Express brokers manage their storage themselves.
        ...(!isExpress(settings) && {
          storageInfo: { ebsStorageInfo: { volumeSize: storageGiB } },
        }),
      },
      clientAuthentication: {
        sasl: { iam: { enabled: true } },
        unauthenticated: { enabled: false },
      },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      loggingInfo: {
        brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logs.logGroupName } },
      },
    });
    return cluster.attrArn;
  }
}

function kindOf(settings: KafkaClusterProps['settings']): string {
  return settings.kind === 'provisioned' && isExpress(settings) ? 'express' : settings.kind;
}

/** Of a stack without an account two zones are known. */
function refuseTooFewZones({ brokerType }: BrokerSettings, zones: number): void {
  if (zones >= BROKER_ZONES) return;
  throw new SettingsError(
    `Setting brokerType is "${brokerType}", whose brokers stand in three zones, and only ${zones} are known: let the credentials of the account be found, or give vpcId with three subnets.`,
  );
}

/**
 * MSK wants a name: one that is not taken by the cluster of an earlier stack of the same name, which was kept,
 * nor by the one that this stack had in another network or of another kind.
 */
function nameOf(scope: Construct, kind: string, network: Network): string {
  return `${Stack.of(scope).stackName}-${kind}${network.digest}-${stackCreation()}`;
}
