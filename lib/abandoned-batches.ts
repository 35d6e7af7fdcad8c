// The batches that Lambda gave up, where the settings let it: each one is an event that S3 sends, told to
// whoever gets the alarms. S3's own metrics of requests may come late or never.
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ABANDONED_PREFIX } from '../functions/contracts.ts';
import type { DocumentsBucket } from './documents-bucket.ts';

export interface AbandonedBatchesProps {
  readonly documents: DocumentsBucket;
  readonly alarms: ITopic;
}

export class AbandonedBatches extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { documents, alarms }: AbandonedBatchesProps) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      description: 'Lambda gave up a batch',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [documents.bucket.bucketName] },
          object: { key: [{ prefix: ABANDONED_PREFIX }] },
        },
      },
    });
    this.rule.addTarget(
      new SnsTopic(alarms, {
        message: RuleTargetInput.fromText(
          `Lambda gave up a batch: s3://${EventField.fromPath('$.detail.bucket.name')}/${EventField.fromPath('$.detail.object.key')}. ` +
            'docs/runbook.md: Batch given up.',
        ),
      }),
    );
  }
}
