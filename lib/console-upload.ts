// Brings the console's files into their bucket at each deployment: first those with a hash in their names,
// then the page that names them. What is old stays, for pages that are open.
import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import {
  BucketDeployment,
  CacheControl,
  type ISource,
  Source,
} from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { CACHE_CHECKED, CACHE_FOREVER } from '../console/headers.ts';
import { CONSOLE_DIST } from '../scripts/console-bundle.ts';

export interface ConsoleUploadProps {
  readonly bucket: Bucket;
  /** What the page reads beside itself; may hold what is known only at deployment. */
  readonly settings: object;
  readonly logRetention: RetentionDays;
}

export class ConsoleUpload extends Construct {
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: ConsoleUploadProps) {
    super(scope, id);
    const { bucket, settings, logRetention } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = this.#makeRole(bucket, logGroup);
    const shared = {
      destinationBucket: bucket as IBucket,
      prune: false,
      logGroup,
      // The CDK would add whole families of actions: it gets what copying needs.
      role: this.#role.withoutPolicyUpdates(),
    };
    const named = new BucketDeployment(this, 'NamedFiles', {
      ...shared,
      sources: [this.#readable(Source.asset(CONSOLE_DIST, { exclude: ['index.html', '*.draft'] }))],
      cacheControl: [CacheControl.fromString(CACHE_FOREVER)],
    });
    const page = new BucketDeployment(this, 'Page', {
      ...shared,
      sources: [
        this.#readable(Source.asset(CONSOLE_DIST, { exclude: ['*', '!index.html'] })),
        this.#readable(Source.jsonData('settings.json', settings)),
      ],
      cacheControl: [CacheControl.fromString(CACHE_CHECKED)],
    });
    page.node.addDependency(named);
  }

  #makeRole(bucket: Bucket, logGroup: LogGroup): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Copies the files of the console at deployment',
    });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] }),
    );
    return role;
  }

  /** Its one archive among the CDK's assets, and no other. */
  #readable(source: ISource): ISource {
    return {
      bind: (scope, context) => {
        const config = source.bind(scope, context);
        this.#role.addToPolicy(
          new PolicyStatement({
            actions: ['s3:GetObject'],
            resources: [config.bucket.arnForObjects(config.zipObjectKey)],
          }),
        );
        return config;
      },
    };
  }
}
