// The topics of a table to one function: Lambda's event source mappings, and what the function's role must be
// allowed for them. Lambda reads one topic a mapping, in a consumer group that belongs to that mapping
// alone. https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
import { createHash } from 'node:crypto';
import { Duration, Stack, Token } from 'aws-cdk-lib';
import {
  Alias,
  EventSourceMapping,
  type EventSourceMappingOptions,
  type IFunction,
  type IVersion,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DocumentsBucket } from './documents-bucket.ts';
import type { GradualDeployment } from './gradual-deployment.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { makeSchemaRegistry } from './schema-registry.ts';
import type { ServiceFunction } from './service-function.ts';
import type { MappingSettings, ProvisionedPollers } from './settings/mapping-settings.ts';
import { stackCreation } from './stack-creation.ts';

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
const DIGEST_LENGTH = 8;

export interface TopicMappingsProps {
  readonly topics: readonly string[];
  /** Part of the consumer groups' names. */
  readonly purpose: string;
  readonly cluster: KafkaCluster;
  readonly target: ServiceFunction;
  readonly documents: DocumentsBucket;
  readonly settings: MappingSettings;
  /** Undefined: all batches go to a new version at once. */
  readonly gradual: GradualDeployment | undefined;
}

export interface TopicMapping {
  readonly topic: string;
  readonly consumerGroup: string;
  /** Then what it gave up lies in the documents' bucket. */
  readonly mayGiveUp: boolean;
  readonly mapping: EventSourceMapping;
}

export class TopicMappings extends Construct {
  /** One a topic, each named by what it reads alone: another topic beside it changes nothing of it. */
  readonly all: readonly TopicMapping[];
  readonly #props: TopicMappingsProps;

  constructor(scope: Construct, id: string, props: TopicMappingsProps) {
    super(scope, id);
    this.#props = props;
    this.all = props.topics.map((topic) => this.#map(topic));
  }

  #map(topic: string): TopicMapping {
    const { settings } = this.#props;
    const group = settings.consumerGroup ?? Stack.of(this).stackName;
    const reading = nameOfReading(topic, group, this.#props);
    // A group outlives its stack: of the next one, whose stores may be empty, it would skip what it has read.
    const consumerGroup = `${group}-${reading}-${stackCreation()}`;
    this.#allow(topic, consumerGroup);
    const mapping = this.#makeMapping(topic, reading, consumerGroup);
    return { topic, consumerGroup, mapping, mayGiveUp: mayGiveUp(settings) };
  }

  #makeMapping(topic: string, reading: string, consumerGroup: string): EventSourceMapping {
    const { cluster, target, documents, settings } = this.#props;
    const isLimited = mayGiveUp(settings);
    const mapping = new EventSourceMapping(this, `Mapping-${reading}`, {
      target: this.#makeAlias(reading) as IFunction,
      enabled: settings.isOn,
      eventSourceArn: cluster.arn,
      kafkaTopic: topic,
      kafkaConsumerGroupId: consumerGroup,
      batchSize: settings.batchSize,
      maxBatchingWindow: Duration.seconds(settings.batchWindowSeconds),
      startingPosition: StartingPosition[settings.startingPosition],
      ...(settings.startingTimestamp !== undefined && {
        startingPositionTimestamp: settings.startingTimestamp,
      }),
      ...(isLimited && {
        supportS3OnFailureDestination: true,
        onFailure: { bind: () => ({ destination: documents.bucket.bucketArn }) },
      }),
      ...(settings.provisioned &&
        provisionedOptions(settings.provisioned, Stack.of(this).stackName, isLimited)),
    });
    const policy = target.lambda.role?.node.tryFindChild('DefaultPolicy');
    if (policy) mapping.node.addDependency(policy);
    return mapping;
  }

  #makeAlias(reading: string): Alias {
    const { target, gradual } = this.#props;
    if (gradual) return gradual.makeAlias(target, reading);
    const version = target.lambda.currentVersion as IVersion;
    return new Alias(this, `Alias-${reading}`, { aliasName: reading, version });
  }

  /** Needed by Lambda's pollers, which act in the function's role. */
  #allow(topic: string, consumerGroup: string): void {
    const { cluster, target, documents, settings } = this.#props;
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
      [cluster.groupArn(consumerGroup)],
    );
    target.allow(POLLER_NETWORK_ACTIONS, ['*']);
    if (!mayGiveUp(settings)) return;
    target.allow(['s3:PutObject'], [documents.abandonedArn]);
    target.allow(['s3:ListBucket'], [documents.bucket.bucketArn]);
  }
}

/**
 * What a mapping reads, and from where: most of that cannot be changed in a mapping, and some of it is
 * silently left as it was. So another reading is another mapping, of an alias of its own since Lambda
 * refuses a second one of the same topic and function, in a group that has read nothing yet.
 */
function nameOfReading(
  topic: string,
  group: string,
  { purpose, cluster, settings }: Pick<TopicMappingsProps, 'purpose' | 'cluster' | 'settings'>,
): string {
  const { startingPosition, startingTimestamp = '' } = settings;
  // The ARN of a new cluster is not known yet; another one is another source in any case.
  const arn = Token.isUnresolved(cluster.arn) ? '' : cluster.arn;
  const parts = [arn, topic, `${group} of a stack`, startingPosition, String(startingTimestamp)];
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `${purpose}-${digest.slice(0, DIGEST_LENGTH)}`;
}

/** Without a destination Lambda tries for ever, which is what nobody has to mend. */
function mayGiveUp({ provisioned }: MappingSettings): boolean {
  if (!provisioned) return false;
  const { retryAttempts, recordAgeMaxSeconds, schemaRegistry } = provisioned;
  // What a schema does not fit would be dropped without a place to go.
  return [retryAttempts, recordAgeMaxSeconds, schemaRegistry].some((one) => one !== undefined);
}

function provisionedOptions(
  pollers: ProvisionedPollers,
  stackName: string,
  isLimited: boolean,
): EventSourceMappingOptions {
  const { schemaRegistry, recordAgeMaxSeconds } = pollers;
  return {
    provisionedPollerConfig: {
      minimumPollers: pollers.min,
      maximumPollers: pollers.max,
      pollerGroupName: pollers.group ?? stackName,
    },
    reportBatchItemFailures: pollers.partialBatchResponses,
    bisectBatchOnError: pollers.bisectBatch,
    ...(isLimited && { retryAttempts: pollers.retryAttempts ?? ATTEMPTS_MAX }),
    ...(recordAgeMaxSeconds !== undefined && {
      maxRecordAge: Duration.seconds(recordAgeMaxSeconds),
    }),
    metricsConfig: {
      metrics: [MetricType.EVENT_COUNT, MetricType.ERROR_COUNT, MetricType.KAFKA_METRICS],
    },
    ...(schemaRegistry && { schemaRegistryConfig: makeSchemaRegistry(schemaRegistry) }),
  };
}
