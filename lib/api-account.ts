// The role with which API Gateway writes its logs. It belongs to the account and region: whoever deploys
// another API there shares it. accountLogRole=make alone does this.
import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAccount, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

const LOG_POLICY = 'service-role/AmazonAPIGatewayPushToCloudWatchLogs';

export class ApiAccount extends Construct {
  constructor(scope: Construct, id: string, api: RestApi) {
    super(scope, id);
    const role = new Role(this, 'LogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(LOG_POLICY)],
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    // Other APIs of the account may have come to rely on them.
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    api.deploymentStage.node.addDependency(account);
  }
}
