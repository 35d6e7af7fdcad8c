// The reports, the quarantine and the batches that Lambda gave up: one private bucket.
import { Duration, Stack } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ABANDONED_PREFIX, QUARANTINE_PREFIX, REDRIVEN_PREFIX } from '../functions/contracts.ts';

/** `latest.json` is written at each run: its old versions are many and worth little. */
const OLD_VERSION_DAYS = 7;
const ACCESS_LOG_DAYS = 90;
const ORPHANED_UPLOAD_DAYS = 1;

export interface DocumentsBucketProps {
  readonly reportPrefix: string;
  readonly reportDays: number;
  readonly quarantineDays: number;
  /** The name of one that an earlier deployment left; it is left as it is. */
  readonly existing?: string | undefined;
}

export class DocumentsBucket extends Construct {
  readonly bucket: IBucket;
  readonly #reportPrefix: string;

  constructor(scope: Construct, id: string, props: DocumentsBucketProps) {
    super(scope, id);
    this.#reportPrefix = props.reportPrefix;
    if (props.existing) {
      this.bucket = Bucket.fromBucketName(this, 'Bucket', props.existing);
      return;
    }
    const bucket = new Bucket(this, 'Bucket', {
      ...privateBucket(),
      versioned: true,
      lifecycleRules: lifecycle(props),
      serverAccessLogsBucket: this.#makeLogBucket() as IBucket,
      serverAccessLogsPrefix: `${Stack.of(this).stackName}/`,
    });
    // The rule for batches that Lambda gave up waits for it; what CDK offers would need a function.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    this.bucket = bucket as IBucket;
  }

  get reportsArn(): string {
    return this.bucket.arnForObjects(`${this.#reportPrefix}/*`);
  }

  quarantineArn(topic: string): string {
    return this.bucket.arnForObjects(`${QUARANTINE_PREFIX}${topic}/*`);
  }

  get abandonedArn(): string {
    return this.bucket.arnForObjects(`${ABANDONED_PREFIX}*`);
  }

  /** All that was refused, of whichever topic, or given up. */
  get keptArns(): string[] {
    return [this.bucket.arnForObjects(`${QUARANTINE_PREFIX}*`), this.abandonedArn];
  }

  get redrivenArn(): string {
    return this.bucket.arnForObjects(`${REDRIVEN_PREFIX}*`);
  }

  #makeLogBucket(): Bucket {
    return new Bucket(this, 'AccessLogs', {
      ...privateBucket(),
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'old-access-logs', expiration: Duration.days(ACCESS_LOG_DAYS) }],
    });
  }
}

function privateBucket() {
  return {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
  };
}

function lifecycle({
  reportPrefix,
  reportDays,
  quarantineDays,
}: DocumentsBucketProps): LifecycleRule[] {
  const oldVersions = { noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS) };
  return [
    {
      id: 'old-reports',
      prefix: `${reportPrefix}/`,
      expiration: Duration.days(reportDays),
      ...oldVersions,
    },
    {
      id: 'old-quarantine',
      prefix: QUARANTINE_PREFIX,
      expiration: Duration.days(quarantineDays),
      ...oldVersions,
    },
    {
      id: 'old-redriven',
      prefix: REDRIVEN_PREFIX,
      expiration: Duration.days(quarantineDays),
      ...oldVersions,
    },
    {
      id: 'old-abandoned-batches',
      prefix: ABANDONED_PREFIX,
      expiration: Duration.days(quarantineDays),
      ...oldVersions,
    },
    {
      id: 'orphaned-uploads',
      abortIncompleteMultipartUploadAfter: Duration.days(ORPHANED_UPLOAD_DAYS),
    },
  ];
}
