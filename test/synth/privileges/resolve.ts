// A template with names in it: what CloudFormation would put in the place of Ref, GetAtt and the other
// functions, as far as policies and environments use them. What it does not know it refuses.
import type { Resource } from '../synthesize.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::StackName': 'analytics-service',
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/analytics-service/0a1b2c3d-1111-2222`,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The properties in which a template may give a resource its name. */
const NAMES = [
  ...['FunctionName', 'LogGroupName', 'TableName', 'BucketName', 'ClusterName', 'RoleName'],
  ...['DBInstanceIdentifier', 'DBProxyName', 'AlarmName'],
];

export const arn = (service: string, rest: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** By `Type.Attribute`, from the resource's name. */
const ATTRIBUTES: Readonly<Record<string, (name: string) => string>> = {
  'AWS::CloudWatch::Alarm.Arn': (name) => arn('cloudwatch', `alarm:${name}`),
  'AWS::DynamoDB::Table.Arn': (name) => arn('dynamodb', `table/${name}`),
  'AWS::S3::Bucket.Arn': (name) => `arn:aws:s3:::${name}`,
  'AWS::Backup::BackupVault.BackupVaultArn': (name) => arn('backup', `backup-vault:${name}`),
  'AWS::EC2::VPC.DefaultSecurityGroup': (name) => `sg-of-${name}`,
  'AWS::Logs::LogGroup.Arn': (name) => arn('logs', `log-group:${name}:*`),
  'AWS::Lambda::Function.Arn': (name) => arn('lambda', `function:${name}`),
  'AWS::IAM::Role.Arn': (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  'AWS::MSK::Cluster.Arn': (name) => arn('kafka', `cluster/${name}/0a1b2c3d-1`),
  'AWS::MSK::ServerlessCluster.Arn': (name) => arn('kafka', `cluster/${name}/0a1b2c3d-s1`),
  'AWS::RDS::DBInstance.DbiResourceId': (name) => `db-${name}`,
  'AWS::RDS::DBInstance.Endpoint.Address': (name) => `${name}.rds.amazonaws.com`,
  'AWS::RDS::DBInstance.Endpoint.Port': () => '5432',
  'AWS::RDS::DBInstance.MasterUserSecret.SecretArn': (name) =>
    arn('secretsmanager', `secret:rds!${name}-AbCdEf`),
  'AWS::RDS::DBProxy.DBProxyArn': (name) => arn('rds', `db-proxy:prx-${name}`),
  'AWS::RDS::DBProxy.Endpoint': (name) => `${name}.proxy.rds.amazonaws.com`,
};

type Call = readonly [fn: string, operand: unknown];

export class Resolver {
  readonly #resources: ReadonlyMap<string, Resource>;

  constructor(resources: Iterable<readonly [string, Resource]>) {
    this.#resources = new Map(resources);
  }

  /** The same value with every function of CloudFormation in it replaced. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((element) => this.resolve(element));
    if (typeof value !== 'object' || value === null) return value;
    const call = asCall(value);
    if (call) return this.#apply(...call);
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, this.resolve(element)]),
    );
  }

  text(value: unknown): string {
    const resolved = this.resolve(value);
    if (typeof resolved === 'string') return resolved;
    throw new TypeError(`${JSON.stringify(value)} is no text.`);
  }

  #apply(fn: string, operand: unknown): unknown {
    switch (fn) {
      case 'Ref':
        return PSEUDO[String(operand)] ?? this.#nameOf(String(operand));
      case 'Fn::GetAtt':
        return this.#attribute(operand as [string, string]);
      case 'Fn::Join': {
        const [separator, parts] = operand as [string, unknown[]];
        return parts.map((part) => this.text(part)).join(separator);
      }
      case 'Fn::Split': {
        const [separator, whole] = operand as [string, unknown];
        return this.text(whole).split(separator);
      }
      case 'Fn::Select': {
        const [index, list] = operand as [number, unknown];
        return (this.resolve(list) as unknown[])[Number(index)];
      }
      case 'Fn::Sub':
        return this.#substitute(operand as string | [string, Record<string, unknown>]);
      default:
        throw new TypeError(`No value is known for ${fn} ${JSON.stringify(operand)}.`);
    }
  }

  #substitute(operand: string | [string, Record<string, unknown>]): string {
    const [template, values] = typeof operand === 'string' ? [operand, {}] : operand;
    return template.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) =>
      name in values ? this.text(values[name]) : this.text({ Ref: name }),
    );
  }

  #attribute([id, attribute]: [string, string]): string {
    const type = this.#resources.get(id)?.Type;
    const known = ATTRIBUTES[`${type}.${attribute}`];
    if (!known) throw new TypeError(`No value is known for ${type}.${attribute} (${id}).`);
    return known(this.#nameOf(id));
  }

  #nameOf(id: string): string {
    const resource = this.#resources.get(id);
    if (!resource) throw new TypeError(`The template has no ${id}.`);
    const { Properties, Type } = resource;
    // The ARN, with the alias behind the function's name.
    if (Type === 'AWS::Lambda::Alias') {
      const names = [Properties.FunctionName, Properties.Name].map((name) => this.text(name));
      return arn('lambda', `function:${names.join(':')}`);
    }
    const given = NAMES.map((name) => resource.Properties[name]).find((one) => one !== undefined);
    return given === undefined ? id.toLowerCase() : this.text(given);
  }
}

function asCall(value: object): Call | undefined {
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') ? entry : undefined;
}
