// gradualDeployment=Canary… or Linear…: what comes in goes over to a new version by steps, and back when that version fails.
// CloudFormation has CodeDeploy move the aliases, one after the other: of two on their way, the one could not be taken back
// with the other.
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { digestOf } from './digest.ts';
import { type AlarmDefinition, makeAlarm } from './monitoring/alarm-definition.ts';
import { ONE_MINUTE } from './monitoring/service-metrics.ts';
import type { ServiceFunction } from './service-function.ts';

const DIGEST_LENGTH = 8;

export interface GradualDeploymentProps {
  /** One of CodeDeploy's own, without the words before it: Canary10Percent5Minutes. */
  readonly steps: string;
  /** Of the settings: versions that do not agree on these are not mixed, but have an alias each. */
  readonly agreedOn: readonly unknown[];
}

export class GradualDeployment extends Construct {
  readonly #application: LambdaApplication;
  readonly #config: ILambdaDeploymentConfig;
  readonly #role: Role;
  readonly #suffix: string;
  #before: Alias | undefined;

  constructor(scope: Construct, id: string, { steps, agreedOn }: GradualDeploymentProps) {
    super(scope, id);
    this.#application = new LambdaApplication(this, 'Application');
    const name = `CodeDeployDefault.Lambda${steps}`;
    this.#config = LambdaDeploymentConfig.fromLambdaDeploymentConfigName(this, 'Steps', name);
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
    });
    this.#suffix = digestOf(agreedOn, DIGEST_LENGTH);
  }

  /**
   * What callers invoke in place of the function.
   * @param purpose - of this alias: a function may have several.
   * @param watched - takes a new version back, beside its own failures.
   */
  makeAlias(
    target: ServiceFunction,
    purpose: string,
    watched: readonly AlarmDefinition[] = [],
  ): Alias {
    const aliasName = `${purpose}-${this.#suffix}`;
    const alias = new Alias(this, `Alias-${aliasName}`, {
      aliasName,
      version: target.lambda.currentVersion as IVersion,
    });
    if (this.#before) alias.node.addDependency(this.#before);
    this.#before = alias;
    const alarms = [failuresOfNewVersion(target, purpose, aliasName), ...watched].map((one) =>
      makeAlarm(this, one, undefined),
    );
    this.#allow(
      target,
      aliasName,
      alarms.map(({ alarmArn }) => alarmArn),
    );
    const group = new LambdaDeploymentGroup(this, `Group-${purpose}`, {
      ...{ application: this.#application, deploymentConfig: this.#config, alias, alarms },
      // The CDK would add a policy of Amazon's, which may move every alias of the account.
      role: this.#role.withoutPolicyUpdates(),
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    group.node.addDependency(this.#role);
    alias.node.addDependency(group);
    return alias;
  }

  #allow({ lambda }: ServiceFunction, aliasName: string, alarmArns: string[]): void {
    const allow = (actions: string[], resources: string[]) =>
      this.#role.addToPolicy(new PolicyStatement({ actions, resources }));
    const { functionArn } = lambda;
    allow(['lambda:GetAlias', 'lambda:UpdateAlias'], [functionArn, `${functionArn}:${aliasName}`]);
    // Of a version, whose number nobody knows beforehand.
    allow(['lambda:GetProvisionedConcurrencyConfig'], [`${functionArn}:*`]);
    allow(['cloudwatch:DescribeAlarms'], alarmArns);
  }
}

/** Of that version alone: what the one before it fails is no reason to go back to it. */
function failuresOfNewVersion(
  { name, lambda }: ServiceFunction,
  purpose: string,
  aliasName: string,
): AlarmDefinition {
  return {
    name: `new-version-failing-${purpose}`,
    meaning: `The newest version of ${name} fails: while it is deployed by steps, it is taken back.`,
    runbook: 'deployment-taken-back',
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: {
        FunctionName: lambda.functionName,
        Resource: `${lambda.functionName}:${aliasName}`,
        ExecutedVersion: lambda.currentVersion.version,
      },
      statistic: 'Sum',
      period: ONE_MINUTE,
    }),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 0,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: false,
  };
}
