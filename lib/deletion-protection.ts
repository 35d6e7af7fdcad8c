// Protects table and database against being deleted, by whomever, once the deployment has made everything.
// As a property of theirs it would keep a first deployment that fails from taking them away again.
import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  PhysicalResourceId,
} from 'aws-cdk-lib/custom-resources';
import { Construct, type IDependable } from 'constructs';
import type { AggregatesTable } from './aggregates-table.ts';
import type { Database } from './database.ts';

export interface DeletionProtectionProps {
  readonly table: AggregatesTable;
  readonly database: Database;
  readonly logRetention: RetentionDays;
  /** All that may fail. */
  readonly after: readonly IDependable[];
}

interface Call {
  readonly service: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What IAM calls it. */
  readonly permission: string;
  readonly arn: string;
  readonly name: string;
}

export class DeletionProtection extends Construct {
  constructor(scope: Construct, id: string, props: DeletionProtectionProps) {
    super(scope, id);
    const { table } = props.table;
    const instance = props.database.rds?.instance;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#call('Table', props.after, logGroup, {
      service: 'DynamoDB',
      action: 'updateTable',
      parameters: { TableName: table.tableName, DeletionProtectionEnabled: true },
      permission: 'dynamodb:UpdateTable',
      arn: table.tableArn,
      name: table.tableName,
    });
    if (!instance) return;
    this.#call('Database', props.after, logGroup, {
      service: 'RDS',
      action: 'modifyDBInstance',
      parameters: { DBInstanceIdentifier: instance.instanceIdentifier, DeletionProtection: true },
      permission: 'rds:ModifyDBInstance',
      arn: instance.instanceArn,
      name: instance.instanceIdentifier,
    });
  }

  #call(id: string, after: readonly IDependable[], logGroup: LogGroup, call: Call): void {
    const { service, action, parameters, permission, arn, name } = call;
    const onUpdate = {
      service,
      action,
      parameters,
      physicalResourceId: PhysicalResourceId.of(name),
    };
    const made = new AwsCustomResource(this, id, {
      // Also when it is made. When the stack ends it does nothing: the protection stays.
      onUpdate,
      installLatestAwsSdk: false,
      logGroup,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: [permission], resources: [arn] }),
      ]),
    });
    made.node.addDependency(...after);
  }
}
