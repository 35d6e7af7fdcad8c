// The partial aggregates: one table on demand, read and written by key.
import {
  AttributeType,
  BillingMode,
  type ITable,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { AGGREGATES_TABLE } from '../functions/contracts.ts';

export class AggregatesTable extends Construct {
  readonly table: ITable;

  /** @param existing - the name of one that an earlier deployment left, or that was restored. */
  constructor(scope: Construct, id: string, existing?: string) {
    super(scope, id);
    const { partitionKey, sortKey, ttl } = AGGREGATES_TABLE;
    if (existing) {
      this.table = Table.fromTableName(this, 'Table', existing);
      return;
    }
    const table = new Table(this, 'Table', {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: ttl,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // At rest with DynamoDB's own key: a key of KMS would cost a request for each write.
      encryption: TableEncryption.DEFAULT,
    });
    this.table = table as ITable;
  }
}
