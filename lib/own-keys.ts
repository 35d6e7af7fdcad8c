// kmsKeyArns: table, documents and logs under a key of KMS that the account brings. The first one is for all that is written from
// now on; those after it were first before, and open what was written then. Key policies are their owner's.
import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

/** What DynamoDB does with the key for whoever reads or writes an item. */
const TABLE_ACTIONS = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey'];

export class OwnKeys {
  readonly #arns: readonly string[];

  constructor(arns: readonly string[]) {
    this.#arns = arns;
  }

  allowTable(target: ServiceFunction): void {
    this.#allow(target, 'dynamodb', TABLE_ACTIONS, this.#arns.slice(0, 1));
  }

  allowPutting(target: ServiceFunction): void {
    this.#allow(target, 's3', ['GenerateDataKey'], this.#arns.slice(0, 1));
  }

  allowGetting(target: ServiceFunction): void {
    this.#allow(target, 's3', ['Decrypt'], this.#arns);
  }

  /** Call it when the tree is complete. The bucket of access logs stays: S3 itself writes there. */
  encrypt(root: Construct, documents: IConstruct): void {
    const [arn] = this.#arns;
    if (!arn) return;
    const bucket = documents.node.defaultChild;
    if (bucket instanceof CfnBucket) bucket.bucketEncryption = underKey(arn);
    for (const child of root.node.findAll().filter(CfnResource.isCfnResource)) {
      if (child instanceof CfnLogGroup) child.kmsKeyId = arn;
      if (child instanceof CfnTable) {
        child.sseSpecification = { sseEnabled: true, sseType: 'KMS', kmsMasterKeyId: arn };
      }
    }
  }

  #allow(
    target: ServiceFunction,
    service: string,
    actions: readonly string[],
    resources: readonly string[],
  ): void {
    if (resources.length === 0) return;
    const { region, urlSuffix } = Stack.of(target);
    target.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((name) => `kms:${name}`),
        resources: [...resources],
        conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
      }),
    );
  }
}

/** A key of the bucket's own is derived from it: one request to KMS for many objects. */
const underKey = (arn: string): CfnBucket.BucketEncryptionProperty => ({
  serverSideEncryptionConfiguration: [
    {
      bucketKeyEnabled: true,
      serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: arn },
    },
  ],
});
