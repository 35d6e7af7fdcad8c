// backup=daily or weekly: AWS Backup keeps table and new database in a vault, which outlives them, for longer than their own backups
// go back. A vault has a name for life: one that an earlier plan left is taken up by it.
import { Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  BackupPlan,
  BackupPlanRule,
  BackupResource,
  BackupVault,
  type IBackupVault,
} from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AggregatesTable } from './aggregates-table.ts';
import type { Database } from './database.ts';
import { digestOf } from './digest.ts';

const DIGEST_LENGTH = 6;
const AT_NIGHT = { hour: '1', minute: '0' };
const SCHEDULES = {
  daily: Schedule.cron(AT_NIGHT),
  weekly: Schedule.cron({ ...AT_NIGHT, weekDay: 'SUN' }),
};

export interface BackupsProps {
  readonly table: AggregatesTable;
  readonly database: Database;
  readonly every: keyof typeof SCHEDULES;
  readonly days: number;
  /** The name of a vault that is there. */
  readonly existing: string | undefined;
  /** Of the settings that give the stores their names: a selection is never changed, another one is made. */
  readonly storesNamedBy: readonly unknown[];
}

export class Backups extends Construct {
  readonly vault: IBackupVault;
  /** What is backed up. */
  readonly resourceArns: readonly string[];

  constructor(scope: Construct, id: string, props: BackupsProps) {
    super(scope, id);
    const { table } = props.table;
    const instanceArn = props.database.rds?.instance.instanceArn;
    this.vault = props.existing
      ? BackupVault.fromBackupVaultName(this, 'Vault', props.existing)
      : new BackupVault(this, 'Vault', { backupVaultName: nameOf(this) });
    this.resourceArns = [table.tableArn, ...(instanceArn ? [instanceArn] : [])];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
    });
    const statements = [
      ...ofVault(this.vault, Stack.of(this)),
      ...ofTable(table.tableArn),
      ...(instanceArn ? ofDatabase(instanceArn, Stack.of(this)) : []),
    ];
    for (const statement of statements) role.addToPolicy(statement);
    const plan = new BackupPlan(this, 'Plan', {
      backupVault: this.vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: props.every,
          scheduleExpression: SCHEDULES[props.every],
          // Of RDS it may have to wait for the windows of maintenance and of automated backups.
          startWindow: Duration.hours(3),
          completionWindow: Duration.hours(12),
          deleteAfter: Duration.days(props.days),
        }),
      ],
    });
    plan
      .addSelection(`Stores-${digestOf(props.storesNamedBy, DIGEST_LENGTH)}`, {
        role,
        resources: this.resourceArns.map((arn) => BackupResource.fromArn(arn)),
        disableDefaultBackupPolicy: true,
      })
      .node.addDependency(role);
  }
}

/** Of this stack's life alone: what is kept must not be in the way of the next stack. */
const nameOf = (scope: Construct) =>
  `analytics-${Fn.select(2, Fn.split('/', Stack.of(scope).stackId))}`;

const allow = (actions: string[], ...resources: string[]) =>
  new PolicyStatement({ actions, resources });

/** Its key is Amazon's own (aws/backup), whose ARN nobody knows beforehand. */
function ofVault({ backupVaultArn }: IBackupVault, stack: Stack): PolicyStatement[] {
  const { partition, region, account, urlSuffix } = stack;
  const keys = `arn:${partition}:kms:${region}:${account}:key/*`;
  return [
    allow(['backup:DescribeBackupVault'], backupVaultArn),
    allow(['backup:TagResource'], `arn:${partition}:backup:${region}:${account}:recovery-point:*`),
    allow(['kms:DescribeKey'], keys),
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [keys],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
    }),
    new PolicyStatement({
      actions: ['kms:CreateGrant'],
      resources: [keys],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    }),
  ];
}

function ofTable(arn: string): PolicyStatement[] {
  const ofBackups = ['DescribeBackup', 'DeleteBackup'].map((name) => `dynamodb:${name}`);
  const ofTheTable = ['DescribeTable', 'CreateBackup', 'StartAwsBackupJob', 'ListTagsOfResource'];
  return [
    allow(
      ofTheTable.map((name) => `dynamodb:${name}`),
      arn,
    ),
    allow(ofBackups, `${arn}/backup/*`),
  ];
}

/** AWS Backup's own snapshots bear that prefix. */
function ofDatabase(instance: string, { partition, region, account }: Stack): PolicyStatement[] {
  const snapshots = `arn:${partition}:rds:${region}:${account}:snapshot:awsbackup:*`;
  const both = ['CreateDBSnapshot', 'DescribeDBSnapshots', 'ListTagsForResource'];
  return [
    allow(['rds:DescribeDBInstances'], instance),
    allow(
      both.map((name) => `rds:${name}`),
      instance,
      snapshots,
    ),
    allow(['rds:AddTagsToResource', 'rds:DeleteDBSnapshot'], snapshots),
  ];
}
