// AwsSolutions' rules over the whole app, and every exception from them, with its reason, in one place.
// What no exception names fails `cdk synth`; an exception that no finding needs any more fails a test.
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

export interface NagException {
  /** Path of the construct, below the stack. */
  readonly at: RegExp;
  /** The rule, with its finding where it has some: `IAM5[Resource::*]`. */
  readonly rule: RegExp;
  readonly reason: string;
}

/** Of the bucket that is made here, or of one that the settings name. */
function inDocuments(prefix: string): RegExp {
  const bucket = '(<Documents\\w+\\.Arn>|arn:.+:s3:::[a-z0-9.-]+)';
  return new RegExp(`^IAM5\\[Resource::${bucket}/${prefix}/\\*\\]$`);
}

export const NAG_EXCEPTIONS: readonly NagException[] = [
  {
    at: /^Functions\/(AggregateOrders|RecordOutcomes|ServeApi|MigrateDatabase|OperateStores)\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::\*\]$/,
    reason:
      'Network interfaces of a function in a VPC and of the pollers, which Lambda makes by itself, and ' +
      'kafka:GetBootstrapBrokers and X-Ray, for which IAM knows no resource. Nothing else is allowed on all ' +
      'resources: test/synth/privileges.test.ts.',
  },
  {
    at: /^Functions\/MaterializeReports\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::\*\]$/,
    reason: 'With tracing=true it sends its traces to X-Ray, for which IAM knows no resource.',
  },
  {
    at: /^Functions\/(AggregateOrders|RecordOutcomes)\/Role\/DefaultPolicy/,
    rule: inDocuments('(quarantine/[\\w.-]+|aws/lambda)'),
    reason:
      'Write only, under the prefix that is theirs: the rest of the key is the position of a record.',
  },
  {
    at: /^Functions\/(MaterializeReports|ServeApi)\/Role\/DefaultPolicy/,
    rule: inDocuments('[\\w./-]+'),
    reason:
      'The reports under their prefix, and what is in quarantine to be read: the rest of the key is the time ' +
      'of the run, or the position of a record.',
  },
  {
    at: /^Functions\/OperateStores\/Role\/DefaultPolicy/,
    rule: inDocuments('(quarantine|aws/lambda|redriven)'),
    reason:
      'What was refused or given up, of whichever topic, and where it is kept once it was sent again: the rest ' +
      'of the key is the position of a record.',
  },
  {
    at: /^Functions\/(AggregateOrders|RecordOutcomes)\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::\[.+:schema\/\$\{registryName\}\/\*.+\]\]$/,
    reason: 'Lambda reads the versions of the schemas of the one registry that the settings name.',
  },
  {
    at: /^Backups\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::.+(\/backup\/|:snapshot:awsbackup:|:recovery-point:|:key\/)\*\]$/,
    reason:
      'AWS Backup names what it makes, and the key of the vault is Amazon’s own, which nobody knows beforehand; it is ' +
      'used for DynamoDB, and given on to a service by a grant, alone.',
  },
  {
    at: /^Gradual\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::<Functions(AggregateOrders|RecordOutcomes|ServeApi)Function\w+\.Arn>:\*\]$/,
    reason:
      'CodeDeploy asks whether a version has concurrency of its own; nobody knows its number beforehand.',
  },
  {
    at: /^QueryApi\/Account\/LogRole\//,
    rule: /^IAM4\[.+AmazonAPIGatewayPushToCloudWatchLogs\]$/,
    reason: 'The role belongs to the account, not to this API: Amazon says what it needs.',
  },
  {
    at: /^QueryApi\/Api\/Default\//,
    rule: /^COG4$/,
    reason: 'Callers are authorised by IAM (apiAuth=iam); apiAuth=cognito puts a user pool there.',
  },
  {
    at: /^QueryApi\/Api\/Default\//,
    rule: /^APIG4$/,
    reason: 'An API without authorisation was asked for by name (apiAuth=none).',
  },
  {
    at: /^QueryApi\/Api\/DeploymentStage/,
    rule: /^APIG[16]$/,
    reason:
      'API Gateway logs with a role that belongs to the account and may be another team’s: accountLogRole ' +
      'says whether it is there (existing), to be made (make), or not to be touched (none).',
  },
  {
    at: /^QueryApi\/Api\/DeploymentStage/,
    rule: /^APIG3$/,
    reason: 'waf=true puts a firewall there; callers are authorised and throttled without it, too.',
  },
  {
    at: /^(AWS679f53|LogRetention)\w+\/ServiceRole\//,
    rule: /^IAM4\[.+AWSLambdaBasicExecutionRole\]$/,
    reason: 'Functions of the CDK that act during a deployment: they write their own logs.',
  },
  {
    at: /^LogRetention\w+\/ServiceRole\/DefaultPolicy/,
    rule: /^IAM5\[Resource::\*\]$/,
    reason:
      'The CDK’s function that bounds how long RDS keeps its logs: RDS names their groups, so that ' +
      'nobody knows them beforehand.',
  },
  {
    at: /^Database\/Rds\/Instance\//,
    rule: /^RDS10$/,
    reason: 'The last step of the deployment protects it: lib/deletion-protection.ts.',
  },
  {
    at: /^Database\/Rds\/Instance\//,
    rule: /^RDS3$/,
    reason:
      'databaseMultiAz=true makes it: it doubles the price, and Kafka keeps what comes meanwhile.',
  },
  {
    at: /^Database\/Rds\/Instance\//,
    rule: /^RDS11$/,
    reason: 'Two security groups alone reach the instance: another port would hide nothing.',
  },
  {
    at: /^Console\/Files\//,
    rule: /^S1$/,
    reason: 'The files are the same for everybody; who asks for data stands in the log of the API.',
  },
  {
    at: /^Console\/Distribution\//,
    rule: /^CFR[123]$/,
    reason:
      'No country is shut out, and the page holds no data: the API behind it authorises, throttles and logs ' +
      'each request, and waf=true puts a firewall before it.',
  },
  {
    at: /^Console\/Distribution\//,
    rule: /^CFR4$/,
    reason: 'CloudFront chooses the TLS of its own names: consoleDomainName sets TLS 1.2 at least.',
  },
  {
    at: /^Custom::CDKBucketDeployment\w+\//,
    rule: /^L1$/,
    reason: 'The CDK’s own function, which copies the console’s files: it chooses its runtime.',
  },
  {
    at: /^Console\/Upload\/Role\/DefaultPolicy/,
    rule: /^IAM5\[Resource::<ConsoleFiles\w+\.Arn>\/\*\]$/,
    reason: 'It writes the files of the console into their bucket, which holds nothing else.',
  },
];

/** Call it when the tree is complete. */
export function addNagChecks(app: App): void {
  for (const { rule, construct, exception } of findNagFindings(app)) {
    if (!exception) continue;
    const id = `AwsSolutions-${rule}`;
    Validations.of(construct).acknowledge({ id, reason: exception.reason });
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

export interface NagFinding {
  /** Without the pack's name: `RDS3`. */
  readonly rule: string;
  readonly construct: IConstruct;
  /** Undefined: nothing justifies it. */
  readonly exception: NagException | undefined;
}

export function findNagFindings(app: App): NagFinding[] {
  const byPath = new Map(app.node.findAll().map((construct) => [construct.node.path, construct]));
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) => {
    const rule = ruleName.replace(/^AwsSolutions-/, '');
    return violatingResources.map(({ constructPath = '' }) => {
      const construct = byPath.get(constructPath) ?? app;
      const below = constructPath.replace(/^[^/]+\/(Default\/)?/, '');
      const exception = NAG_EXCEPTIONS.find((one) => one.rule.test(rule) && one.at.test(below));
      return { rule, construct, exception };
    });
  });
}
