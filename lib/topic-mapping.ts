// One topic to one function: Lambda's event source mapping, and what the function's role must be
// allowed for it. Lambda reads one topic a mapping, in a consumer group that belongs to that mapping
// alone. https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
import { Duration } from 'aws-cdk-lib';
import {
  EventSourceMapping,
  type EventSourceMappingOptions,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DocumentsBucket } from './documents-bucket.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { makeSchemaRegistry } from './schema-registry.ts';
import type { ServiceFunction } from './service-function.ts';
import type { MappingSettings, ProvisionedPollers } from './settings/mapping-settings.ts';

/** Of the pollers, which take their place in the cluster's subnets by interfaces of Lambda's. */
const POLLER_NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeVpcs',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
];
/** With a destination, Lambda gives up after ten attempts unless it is told otherwise. */
const ATTEMPTS_MAX = 10_000;

export interface TopicMappingProps {
  readonly topic: string;
  /** Last part of the consumer group's name. */
  readonly purpose: string;
  readonly cluster: KafkaCluster;
  readonly target: ServiceFunction;
  readonly documents: DocumentsBucket;
  readonly settings: MappingSettings;
}

export class TopicMapping extends Construct {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, props: TopicMappingProps) {
    super(scope, id);
    const { topic, cluster, target, documents, settings } = props;
    this.topic = topic;
    this.consumerGroup = `${settings.consumerGroup}-${props.purpose}`;
    this.#allow(props);
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: target.lambda,
      eventSourceArn: cluster.arn,
      kafkaTopic: topic,
      kafkaConsumerGroupId: this.consumerGroup,
      batchSize: settings.batchSize,
      maxBatchingWindow: Duration.seconds(settings.batchWindowSeconds),
      startingPosition: StartingPosition[settings.startingPosition],
      ...(settings.startingTimestamp !== undefined && {
        startingPositionTimestamp: settings.startingTimestamp,
      }),
      supportS3OnFailureDestination: true,
      onFailure: { bind: () => ({ destination: documents.bucket.bucketArn }) },
      ...(settings.provisioned && provisionedOptions(settings.provisioned)),
    });
    const policy = target.lambda.role?.node.tryFindChild('DefaultPolicy');
    if (policy) this.mapping.node.addDependency(policy);
  }

  /** Needed by Lambda's pollers, which act in the function's role. */
  #allow({ topic, cluster, target, documents }: TopicMappingProps): void {
    target.allow(
      [
        'kafka:DescribeClusterV2',
        'kafka-cluster:Connect',
        'kafka-cluster:DescribeClusterDynamicConfiguration',
      ],
      [cluster.arn],
    );
    // IAM knows no resource for it: granted on the cluster it would be refused.
    target.allow(['kafka:GetBootstrapBrokers'], ['*']);
    target.allow(
      ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      [cluster.topicArn(topic)],
    );
    target.allow(
      ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
      [cluster.groupArn(this.consumerGroup)],
    );
    target.allow(POLLER_NETWORK_ACTIONS, ['*']);
    target.allow(['s3:PutObject'], [documents.abandonedArn]);
    target.allow(['s3:ListBucket'], [documents.bucket.bucketArn]);
  }
}

function provisionedOptions(pollers: ProvisionedPollers): EventSourceMappingOptions {
  const { schemaRegistry, recordAgeMaxSeconds } = pollers;
  return {
    provisionedPollerConfig: {
      minimumPollers: pollers.min,
      maximumPollers: pollers.max,
      ...(pollers.group && { pollerGroupName: pollers.group }),
    },
    reportBatchItemFailures: pollers.partialBatchResponses,
    bisectBatchOnError: pollers.bisectBatch,
    retryAttempts: pollers.retryAttempts ?? ATTEMPTS_MAX,
    ...(recordAgeMaxSeconds !== undefined && {
      maxRecordAge: Duration.seconds(recordAgeMaxSeconds),
    }),
    metricsConfig: {
      metrics: [MetricType.EVENT_COUNT, MetricType.ERROR_COUNT, MetricType.KAFKA_METRICS],
    },
    ...(schemaRegistry && { schemaRegistryConfig: makeSchemaRegistry(schemaRegistry) }),
  };
}
