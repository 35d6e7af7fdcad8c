// The VPC around cluster, database and the functions that speak to it: no NAT, no way to the internet.
// AWS is reached through endpoints, and only those that the settings need are made.
import { createHash } from 'node:crypto';
import { Validations } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  SubnetType,
  Vpc,
  type VpcEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  type Endpoint,
  GATEWAY_ENDPOINTS,
  type NetworkSettings,
} from './settings/source-settings.ts';

const HTTPS = Port.tcp(443);
const NO_ROUTE_TABLE = 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId';

const INTERFACE_SERVICES = {
  lambda: InterfaceVpcEndpointAwsService.LAMBDA,
  sts: InterfaceVpcEndpointAwsService.STS,
  secretsmanager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
} satisfies Partial<Record<Endpoint, InterfaceVpcEndpointAwsService>>;
const GATEWAY_SERVICES = {
  s3: { id: 'S3Endpoint', service: GatewayVpcEndpointAwsService.S3 },
  dynamodb: { id: 'DynamoDbEndpoint', service: GatewayVpcEndpointAwsService.DYNAMODB },
} satisfies Record<Gateway, object>;
type Gateway = (typeof GATEWAY_ENDPOINTS)[number];
type Interface = Exclude<Endpoint, Gateway>;

export interface NetworkProps {
  readonly settings: Exclude<NetworkSettings, { kind: 'none' }>;
  /** Made in a new VPC; of an existing one the settings say it. */
  readonly endpointsNeeded: readonly Endpoint[];
  readonly logRetention: RetentionDays;
}

export class Network extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  /** Another one for another existing network; empty of a new one. */
  readonly digest: string;
  /** Those that are made here. */
  readonly endpoints = new Map<Endpoint, VpcEndpoint>();
  /** Undefined when no interface endpoint is made here. */
  readonly #endpointGroup: SecurityGroup | undefined;

  constructor(
    scope: Construct,
    id: string,
    { settings, endpointsNeeded, logRetention }: NetworkProps,
  ) {
    super(scope, id);
    this.digest = digestOf(settings);
    if (settings.kind === 'new') {
      this.vpc = this.#makeVpc(logRetention) as IVpc;
      this.subnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    } else {
      this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: settings.vpcId,
        availabilityZones: [...settings.availabilityZones],
      });
      this.subnets = {
        subnets: settings.subnetIds.map((subnetId, index) =>
          this.#existingSubnet(subnetId, index, settings),
        ),
      };
    }
    const wanted = settings.kind === 'new' ? endpointsNeeded : settings.createEndpoints;
    this.#endpointGroup = this.#makeEndpoints(wanted);
  }

  /** For one that speaks to endpoints alone and to what is opened to it later. */
  makeClientGroup(id: string, description: string): SecurityGroup {
    const group = new SecurityGroup(this, id, {
      vpc: this.vpc,
      description,
      allowAllOutbound: false,
    });
    // S3 and DynamoDB are reached through gateway endpoints, which have no security group: of a VPC without
    // another way out, all HTTPS ends at endpoints.
    group.addEgressRule(Peer.anyIpv4(), HTTPS, 'AWS through endpoints');
    this.admitToEndpoints(group);
    return group;
  }

  admitToEndpoints(group: ISecurityGroup): void {
    this.#endpointGroup?.addIngressRule(group, HTTPS, 'from those that speak to AWS');
  }

  #makeVpc(retention: RetentionDays): Vpc {
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.20.0.0/20'),
      maxAzs: 3,
      natGateways: 0,
      // What is put into the VPC without a group of its own reaches nothing.
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 23 },
      ],
    });
    vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLogs', { retention }),
      ),
    });
    return vpc;
  }

  #existingSubnet(
    subnetId: string,
    index: number,
    settings: Extract<NetworkSettings, { kind: 'existing' }>,
  ) {
    const availabilityZone = settings.availabilityZones[index] ?? '';
    const routeTableId = settings.routeTableIds[index] ?? settings.routeTableIds[0];
    const subnet = Subnet.fromSubnetAttributes(this, `Subnet${index + 1}`, {
      subnetId,
      availabilityZone,
      ...(routeTableId && { routeTableId }),
    });
    // The settings demand the tables where they are used, for the gateway endpoints.
    const reason = 'No route is made here.';
    Validations.of(subnet).acknowledge({ id: NO_ROUTE_TABLE, reason });
    return subnet;
  }

  #makeEndpoints(wanted: readonly Endpoint[]): SecurityGroup | undefined {
    for (const name of GATEWAY_ENDPOINTS.filter((one) => wanted.includes(one))) {
      const { id, service } = GATEWAY_SERVICES[name];
      const { vpc } = this;
      const made = new GatewayVpcEndpoint(this, id, { vpc, service, subnets: [this.subnets] });
      this.endpoints.set(name, made);
    }
    const services = wanted.filter((name): name is Interface => name in INTERFACE_SERVICES);
    if (services.length === 0) return undefined;
    const group = new SecurityGroup(this, 'EndpointGroup', {
      vpc: this.vpc,
      description: 'Interface endpoints of AWS',
      allowAllOutbound: false,
    });
    for (const name of services) {
      const made = new InterfaceVpcEndpoint(this, `${name}Endpoint`, {
        vpc: this.vpc,
        service: INTERFACE_SERVICES[name],
        subnets: this.subnets,
        securityGroups: [group],
        open: false,
      });
      this.endpoints.set(name, made);
    }
    return group;
  }
}

function digestOf(settings: NetworkProps['settings']): string {
  if (settings.kind === 'new') return '';
  const names = [settings.vpcId, ...settings.subnetIds].join();
  return `-${createHash('sha256').update(names).digest('hex').slice(0, 6)}`;
}
