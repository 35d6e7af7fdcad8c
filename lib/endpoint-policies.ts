// What passes the endpoints that are made here, with endpointPolicies=service: what this service asks of AWS, by
// principals of this account. Whatever else stands in those subnets finds the way closed.
import { Stack } from 'aws-cdk-lib';
import {
  AnyPrincipal,
  type IPrincipal,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { AggregatesTable } from './aggregates-table.ts';
import type { DocumentsBucket } from './documents-bucket.ts';
import type { Network } from './network.ts';
import type { Endpoint } from './settings/source-settings.ts';

const TABLE_ACTIONS = ['BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query', 'Scan'];
const OBJECT_ACTIONS = ['GetObject', 'PutObject', 'DeleteObject'];

export interface EndpointPoliciesProps {
  readonly table: AggregatesTable;
  readonly documents: DocumentsBucket;
}

export function restrictEndpoints(network: Network, props: EndpointPoliciesProps): void {
  const policies = policiesOf(Stack.of(network), props);
  for (const [name, endpoint] of network.endpoints) {
    for (const statement of policies[name]()) endpoint.addToPolicy(statement);
  }
}

function policiesOf(
  stack: Stack,
  { table: { table }, documents: { bucket } }: EndpointPoliciesProps,
): Record<Endpoint, () => PolicyStatement[]> {
  const ofAccount = (actions: string[], resources: string[]) =>
    new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions,
      resources,
      conditions: { StringEquals: { 'aws:PrincipalAccount': stack.account } },
    });
  const ofService = (actions: string[], resources: string[], principal: IPrincipal) =>
    new PolicyStatement({ principals: [principal], actions, resources });
  /** Pollers come as Lambda itself, which is of no account. */
  const lambda = new ServicePrincipal('lambda.amazonaws.com');
  const arn = (service: string, resource: string, region = stack.region) =>
    `arn:${stack.partition}:${service}:${region}:${stack.account}:${resource}`;
  const all = (service: string, names: string[]) => names.map((name) => `${service}:${name}`);
  const asPollers = (actions: string[], resources: string[]) => [
    ofAccount(actions, resources),
    ofService(actions, resources, lambda),
  ];
  return {
    s3: () => [
      ofAccount(all('s3', OBJECT_ACTIONS), [bucket.arnForObjects('*')]),
      ofAccount(['s3:ListBucket'], [bucket.bucketArn]),
      // Layers of images in ECR, which come by addresses that ECR has signed.
      ofService(['s3:GetObject'], [layersOf(stack)], new AnyPrincipal()),
    ],
    dynamodb: () => [ofAccount(all('dynamodb', TABLE_ACTIONS), [table.tableArn])],
    secretsmanager: () => [ofAccount(['secretsmanager:GetSecretValue'], ['*'])],
    lambda: () => asPollers(['lambda:InvokeFunction'], [arn('lambda', 'function:*')]),
    sts: () => asPollers(['sts:AssumeRole'], [arn('iam', 'role/*', '')]),
  };
}

const layersOf = ({ partition, region }: Stack) =>
  `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`;
