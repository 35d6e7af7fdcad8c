// What outlives the stack: the stores, and all that they stand in. A first deployment that fails takes them
// with it, so that it can be repeated; nothing else ever does.
import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** They hold nothing, nothing that is kept needs them, and they cost by the hour; or they only act. */
const NEVER_KEPT = /^(AWS::EC2::VPCEndpoint|AWS::RDS::DBProxy(TargetGroup)?|Custom::.+)$/;

/** Call it when the tree is complete: rules of security groups come with those who use them. */
export function keep(...constructs: readonly Construct[]): void {
  for (const child of constructs.flatMap((construct) => construct.node.findAll())) {
    if (!CfnResource.isCfnResource(child) || NEVER_KEPT.test(child.cfnResourceType)) continue;
    child.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}
