// What a template deploys, as far as privileges go: the roles with their statements, and the functions
// with role, environment and event source mappings. All names are resolved.
import { FUNCTIONS, type FunctionName } from '../../../functions/contracts.ts';
import { readSettings } from '../../../lib/settings/settings.ts';
import type { TopicSettings } from '../../../lib/settings/source-settings.ts';
import { type Context, type Resource, resourcesOf, synthesize } from '../synthesize.ts';
import { Resolver } from './resolve.ts';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

export interface DeployedRole {
  readonly id: string;
  readonly statements: readonly Statement[];
  /** Names of Amazon's own policies. */
  readonly managed: readonly string[];
}

/** What of an AWS::Lambda::EventSourceMapping concerns its function's role. */
export interface Mapping {
  readonly EventSourceArn: string;
  readonly Topics: readonly [string];
  readonly AmazonManagedKafkaEventSourceConfig: {
    readonly ConsumerGroupId: string;
    readonly SchemaRegistryConfig?: {
      readonly SchemaRegistryURI: string;
      readonly AccessConfigs?: readonly { readonly URI: string }[];
    };
  };
  readonly DestinationConfig?: { readonly OnFailure: { readonly Destination: string } };
}

export interface DeployedFunction {
  readonly name: FunctionName;
  readonly role: DeployedRole;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly isInVpc: boolean;
  readonly isTraced: boolean;
  readonly mappings: readonly Mapping[];
}

export interface Deployed {
  readonly functions: readonly DeployedFunction[];
  readonly roles: readonly DeployedRole[];
  /** The resource ids in `rds-db` ARNs, by the host that clients connect to. */
  readonly databases: ReadonlyMap<string, string>;
  /** Its topics, by the names that the recording has: one each, or several of one table. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
  readonly keys: Keys;
}

/** Of KMS, of the account. */
export interface Keys {
  /** The first one is for what is written. */
  readonly stores: readonly string[];
  readonly database: string | undefined;
}

const RECORDED_TOPICS: Readonly<Record<string, keyof TopicSettings>> = {
  'dbserver1.public.orders': 'orders',
  'dbserver1.public.order_items': 'orderItems',
  auction_outcomes: 'outcomes',
};

export function deploy(context: Context): Deployed {
  const template = synthesize(context);
  const all = resourcesOf(template);
  const resolver = new Resolver(all);
  const ofType = (type: string) => all.filter(([, { Type }]) => Type === type);
  const roles = ofType('AWS::IAM::Role').map(([id, role]) =>
    readRole(id, role, ofType('AWS::IAM::Policy'), resolver),
  );
  const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => ({
    // Of an alias: the function's name and its own.
    functionName: resolver.text(Properties.FunctionName).split(':')[0],
    mapping: resolver.resolve(Properties) as Mapping,
  }));
  const functions = FUNCTIONS.map((name) => {
    const physicalName = `analytics-service-${name}`;
    const found = ofType('AWS::Lambda::Function').find(
      ([, { Properties }]) => Properties.FunctionName === physicalName,
    );
    if (!found) throw new TypeError(`The template has no function ${physicalName}.`);
    const { Role, Environment, LoggingConfig, VpcConfig, TracingConfig } = found[1].Properties;
    const [roleId] = (Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
    const role = roles.find(({ id }) => id === roleId);
    if (!role) throw new TypeError(`The template has no role ${roleId}.`);
    return {
      name,
      role,
      environment: resolver.resolve((Environment as { Variables: unknown }).Variables) as Record<
        string,
        string
      >,
      logGroup: resolver.text((LoggingConfig as { LogGroup: unknown }).LogGroup),
      isInVpc: VpcConfig !== undefined,
      isTraced: TracingConfig !== undefined,
      mappings: mappings
        .filter(({ functionName }) => functionName === physicalName)
        .map(({ mapping }) => mapping),
    };
  });
  const settings = readSettings(context);
  const topics = new Map(
    Object.entries(RECORDED_TOPICS).map(([topic, key]) => [topic, settings.topics[key]]),
  );
  const { kmsKeyArns: stores, databaseKmsKeyArn: database } = settings.values;
  const databases = databasesOf(all, resolver, context);
  return { functions, roles, databases, topics, keys: { stores, database } };
}

function readRole(
  id: string,
  { Properties }: Resource,
  policies: readonly [string, Resource][],
  resolver: Resolver,
): DeployedRole {
  const inline = (Properties.Policies ?? []) as { PolicyDocument: unknown }[];
  const attached = policies
    .map(([, policy]) => policy.Properties)
    .filter(({ Roles }) => (Roles as { Ref: string }[]).some(({ Ref }) => Ref === id));
  const documents = [...inline, ...attached].map(({ PolicyDocument }) => PolicyDocument);
  return {
    id,
    statements: documents.flatMap((document) => readStatements(document, resolver)),
    managed: ((Properties.ManagedPolicyArns ?? []) as unknown[]).map((one) =>
      resolver.text(one).replace(/^.*:policy\//, ''),
    ),
  };
}

export function readStatements(document: unknown, resolver: Resolver): Statement[] {
  const { Statement } = document as { Statement: Record<string, unknown>[] };
  return Statement.map(({ Effect, Action, Resource, Condition }) => ({
    Effect: Effect as Statement['Effect'],
    Action: [Action].flat() as string[],
    Resource: [resolver.resolve(Resource)].flat(2) as string[],
    ...(Condition !== undefined && { Condition: resolver.resolve(Condition) }),
  }));
}

function databasesOf(all: readonly [string, Resource][], resolver: Resolver, context: Context) {
  const attribute = (id: string, name: string) => resolver.text({ 'Fn::GetAtt': [id, name] });
  const databases = new Map<string, string>();
  const { databaseHost, databaseResourceId } = context;
  if (databaseHost && databaseResourceId) {
    databases.set(String(databaseHost), String(databaseResourceId));
  }
  for (const [id, { Type }] of all) {
    if (Type === 'AWS::RDS::DBInstance') {
      databases.set(attribute(id, 'Endpoint.Address'), attribute(id, 'DbiResourceId'));
    } else if (Type === 'AWS::RDS::DBProxy') {
      const [proxyId = ''] = attribute(id, 'DBProxyArn').split(':').slice(-1);
      databases.set(attribute(id, 'Endpoint'), proxyId);
    }
  }
  return databases;
}
