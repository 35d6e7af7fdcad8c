// One of the service's functions: the bundle as `npm run build` wrote it, a role of its own that may do
// nothing but what is granted to it, and a log group.
import { join } from 'node:path';
import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/contracts.ts';

const BUNDLES = join(import.meta.dirname, '..', 'dist');

/** What Lambda itself does with the role of a function in a VPC, with interfaces that nobody knows beforehand. */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

export interface Placement {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  /** Besides. */
  readonly alsoIn?: readonly ISecurityGroup[];
}

export interface ServiceFunctionProps {
  readonly functionName: FunctionName;
  readonly description: string;
  readonly handler?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  /** Undefined: as many as the account allows. */
  readonly concurrencyMax?: number | undefined;
  readonly logRetention: RetentionDays;
  readonly isTraced: boolean;
  readonly placement?: Placement | undefined;
}

export class ServiceFunction extends Construct {
  readonly name: FunctionName;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.name = props.functionName;
    this.timeout = props.timeout;
    const physicalName = `${Stack.of(this).stackName}-${props.functionName}`;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${physicalName}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: physicalName,
      description: props.description,
      code: Code.fromAsset(join(BUNDLES, props.functionName)),
      handler: props.handler ?? 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
      logGroup: this.logGroup,
      ...(props.isTraced && { tracing: Tracing.ACTIVE }),
      role,
      ...(props.concurrencyMax && { reservedConcurrentExecutions: props.concurrencyMax }),
      ...(props.placement && {
        vpc: props.placement.vpc,
        vpcSubnets: props.placement.vpcSubnets,
        securityGroups: [props.placement.securityGroup, ...(props.placement.alsoIn ?? [])],
      }),
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    if (props.placement) this.allow(NETWORK_INTERFACE_ACTIONS, ['*']);
  }

  allow(actions: string[], resources: string[]): void {
    this.lambda.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }
}
