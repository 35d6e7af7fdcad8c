// A backup that fails is an event of AWS Backup's, told to whoever gets the alarms.
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Backups } from './backups.ts';

export interface FailedBackupsProps {
  readonly backups: Backups;
  readonly alarms: ITopic;
}

export class FailedBackups extends Construct {
  constructor(scope: Construct, id: string, { backups, alarms }: FailedBackupsProps) {
    super(scope, id);
    const rule = new Rule(this, 'Rule', {
      description: 'AWS Backup kept nothing',
      eventPattern: {
        source: ['aws.backup'],
        detailType: ['Backup Job State Change'],
        detail: {
          state: ['FAILED', 'ABORTED', 'EXPIRED'],
          resourceArn: backups.resourceArns,
        },
      },
    });
    const [resource, state] = ['resourceArn', 'state'].map((name) =>
      EventField.fromPath(`$.detail.${name}`),
    );
    rule.addTarget(
      new SnsTopic(alarms, {
        message: RuleTargetInput.fromText(
          `A backup of ${resource} ended as ${state}. docs/runbook.md: A backup that failed.`,
        ),
      }),
    );
  }
}
