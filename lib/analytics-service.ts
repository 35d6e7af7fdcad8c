// The whole service for any app of the CDK: topics → functions → stores → reports and API. All in one
// stack, so that one deployment moves all of it or nothing; what holds data outlives it (kept.ts).
import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import cdk from '../cdk.json' with { type: 'json' };
import { AggregatesTable } from './aggregates-table.ts';
import { Backups } from './backups.ts';
import { ConsoleSite } from './console-site.ts';
import { Database } from './database.ts';
import { DeletionProtection } from './deletion-protection.ts';
import { DocumentsBucket } from './documents-bucket.ts';
import { restrictEndpoints } from './endpoint-policies.ts';
import { GradualDeployment } from './gradual-deployment.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { keep } from './kept.ts';
import { Migration } from './migration.ts';
import { failingWhileDeployed } from './monitoring/api-alarms.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { Network } from './network.ts';
import { OwnKeys } from './own-keys.ts';
import { QueryApi } from './query-api.ts';
import { ReportSchedule } from './report-schedule.ts';
import { ServiceFunctions } from './service-functions.ts';
import { agreedOn } from './settings/agreed.ts';
import type { ContextValues } from './settings/context-keys.ts';
import { regionsOf } from './settings/places.ts';
import { readSettings, type Settings, SettingsError } from './settings/settings.ts';
import type { Endpoint } from './settings/source-settings.ts';
import { type TopicMapping, TopicMappings } from './topic-mapping.ts';

/** The constructs below behave as these say, in an app of other flags, too. */
const FLAGS = Object.entries(cdk.context).filter(([name]) => !name.startsWith('@aws-cdk/core:'));

export interface AnalyticsServiceProps {
  /** As docs/deploy.md lists them; what they need of each other is checked as for the context. */
  readonly settings: Readonly<Partial<ContextValues>>;
  /** Where alarms go, in place of a topic of its own. It must let CloudWatch and EventBridge publish. */
  readonly alarmTopic?: ITopic;
}

export class AnalyticsService extends Construct {
  readonly table: AggregatesTable;
  readonly documents: DocumentsBucket;
  readonly database: Database;
  readonly functions: ServiceFunctions;
  readonly api: QueryApi;
  readonly mappings: readonly TopicMapping[];

  /** @throws {SettingsError} what is wrong with the settings, in one line. */
  constructor(scope: Construct, id: string, props: AnalyticsServiceProps) {
    super(scope, id);
    for (const [name, value] of FLAGS) this.node.setContext(name, value);
    const settings = readSettings(props.settings);
    this.#refuseOtherName(props.settings.stackName);
    this.#refuseOtherRegions(settings);
    this.#bound(settings);
    const { logRetention } = settings;
    const network = this.#makeNetwork(settings);
    this.table = new AggregatesTable(this, 'Aggregates', settings.values.aggregatesTable);
    this.documents = new DocumentsBucket(this, 'Documents', {
      ...settings.documents,
      existing: settings.values.documentsBucket,
    });
    this.database = new Database(this, 'Database', {
      settings: settings.database,
      network,
      logRetention,
    });
    const { table, documents, database } = this;
    if (network && settings.values.endpointPolicies === 'service') {
      restrictEndpoints(network, { table, documents });
    }
    const cluster = network && this.#makeCluster(settings, network);
    const keys = new OwnKeys(settings.values.kmsKeyArns);
    this.functions = new ServiceFunctions(this, 'Functions', {
      ...{ settings, table, documents, database, cluster, keys },
    });
    const { serveApi } = this.functions;
    const gradual = this.#makeGradual(settings);
    this.api = new QueryApi(this, 'QueryApi', {
      settings: settings.api,
      target: gradual?.makeAlias(serveApi, 'live', [failingWhileDeployed()]) ?? serveApi.lambda,
      logRetention,
    });
    const site = this.#makeConsole(settings);
    const tables = cluster ? this.#makeMappings(settings, cluster, gradual) : [];
    this.mappings = tables.flatMap(({ all }) => all);
    const schedule = new ReportSchedule(this, 'Schedule', {
      reports: this.functions.materializeReports,
      upkeep: this.functions.migrateDatabase,
      flushInterval: settings.flushInterval,
    });
    const users = [serveApi, this.functions.recordOutcomes, this.api, schedule];
    const migration = new Migration(this, 'Migration', {
      function: this.functions.migrateDatabase,
      // Its way to the database and to the secret of the administrator, too.
      after: [database, ...(network ? [network] : [])],
      before: [...users, ...tables],
      timeout: this.functions.migrateDatabase.timeout,
    });
    const { functions, api, mappings } = this;
    const backups = this.#makeBackups(settings);
    const clusterName = cluster?.name;
    const monitoring = new Monitoring(this, 'Monitoring', {
      ...{ settings, functions, table, documents, api, database, mappings, clusterName, backups },
      alarmTopic: props.alarmTopic,
    });
    const made = [migration, ...users, ...tables, functions, monitoring];
    if (backups) made.push(backups);
    // A bucket with files in it could not go again with a first deployment that fails.
    site?.upload.node.addDependency(...made);
    const after = [...made, ...(site ? [site] : [])];
    new DeletionProtection(this, 'Protection', { table, database, logRetention, after });
    const others = [network, cluster, backups?.vault].filter((one) => one !== undefined);
    keep(table, documents, database, ...others);
    keys.encrypt(this, documents.bucket);
    this.#tellNames(cluster);
  }

  /** It would have no effect: the stack was named by whoever made it. */
  #refuseOtherName(given: string | undefined): void {
    const { stackName } = Stack.of(this);
    if (given === undefined || given === stackName) return;
    throw new SettingsError(
      `Setting stackName is "${given}", and the stack's name is "${stackName}": leave it out.`,
    );
  }

  #refuseOtherRegions({ values }: Settings): void {
    const { region } = Stack.of(this);
    const [other] = regionsOf(values).filter((one) => one.region !== region);
    if (Token.isUnresolved(region) || !other) return;
    throw new SettingsError(
      `Setting ${other.key} is of the region ${other.region}, and the stack is of ${region}.`,
    );
  }

  /** Of every role of the stack, those of the CDK's own functions included. */
  #bound({ values: { permissionsBoundaryArn: arn } }: Settings): void {
    if (!arn) return;
    const policy = ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', arn);
    PermissionsBoundary.of(Stack.of(this)).apply(policy);
  }

  #makeBackups({ values }: Settings): Backups | undefined {
    if (values.backup === 'none') return undefined;
    const { table, database } = this;
    const { vpcId, subnetIds, databaseName, databaseKmsKeyArn, aggregatesTable } = values;
    return new Backups(this, 'Backups', {
      ...{ table, database },
      every: values.backup,
      days: values.backupDays,
      existing: values.backupVault,
      storesNamedBy: [
        ...[aggregatesTable, values.database, databaseName, databaseKmsKeyArn, vpcId, subnetIds],
      ],
    });
  }

  #makeGradual({ values }: Settings): GradualDeployment | undefined {
    const { gradualDeployment: steps } = values;
    if (steps === 'none') return undefined;
    return new GradualDeployment(this, 'Gradual', { steps, agreedOn: agreedOn(values) });
  }

  #makeConsole({ api, logRetention }: Settings): ConsoleSite | undefined {
    if (!api.console) return undefined;
    const { rest, signIn } = this.api;
    return new ConsoleSite(this, 'Console', {
      ...{ settings: api.console, api: rest, signIn, logRetention },
    });
  }

  #makeNetwork(settings: Settings): Network | undefined {
    const { network, logRetention } = settings;
    if (network.kind === 'none') return undefined;
    const endpointsNeeded = endpointsOf(settings);
    return new Network(this, 'Network', { settings: network, endpointsNeeded, logRetention });
  }

  #makeCluster(
    { source, topics, logRetention }: Settings,
    network: Network,
  ): KafkaCluster | undefined {
    if (source.kind === 'none') return undefined;
    const cluster = new KafkaCluster(this, 'Kafka', { settings: source, network, logRetention });
    if (source.kind === 'provisioned') cluster.makeTopics(Object.values(topics).flat(), source);
    return cluster;
  }

  #makeMappings(
    { mapping, topics }: Settings,
    cluster: KafkaCluster,
    gradual: GradualDeployment | undefined,
  ): TopicMappings[] {
    const { functions, documents } = this;
    const map = (
      purpose: string,
      name: keyof Settings['topics'],
      target: ServiceFunctions['aggregateOrders'],
    ) =>
      new TopicMappings(this, `Map-${purpose}`, {
        topics: topics[name],
        ...{ purpose, cluster, target, documents, settings: mapping, gradual },
      });
    return [
      map('orders', 'orders', functions.aggregateOrders),
      map('order-items', 'orderItems', functions.aggregateOrders),
      map('outcomes', 'outcomes', functions.recordOutcomes),
    ];
  }

  #tellNames(cluster: KafkaCluster | undefined): void {
    const { instance } = this.database.rds ?? {};
    const names = {
      DocumentsBucketName: this.documents.bucket.bucketName,
      AggregatesTableName: this.table.table.tableName,
      ClusterArn: cluster?.arn,
      ClusterSecurityGroupId: cluster?.securityGroup.securityGroupId,
      OperatorFunctionName: this.functions.operateStores.lambda.functionName,
      DatabaseClientsGroupId: this.database.placement?.securityGroup.securityGroupId,
      DatabaseInstanceId: instance?.instanceIdentifier,
      DatabaseHost: this.database.host,
      DatabaseResourceId: instance?.instanceResourceId,
      DatabaseSecurityGroupId: this.database.rds?.securityGroup.securityGroupId,
    };
    for (const [name, value] of Object.entries(names)) {
      if (!value) continue;
      new CfnOutput(this, name, { value });
      // For what is no stack: a script, another team's Terraform.
      new StringParameter(this, `${name}Parameter`, {
        parameterName: `/analytics/${Stack.of(this).stackName}/${name}`,
        stringValue: value,
        simpleName: false,
      });
    }
  }
}

/**
 * Pollers on demand call Lambda and STS from the cluster's subnets; provisioned ones do not. The
 * database's password is read at deployment, and always where it is the way to log on. Operators read the table
 * from the VPC.
 */
function endpointsOf({ mapping, database }: Settings): Endpoint[] {
  const readsSecret =
    database.kind === 'new' ||
    database.logon.kind === 'secret' ||
    database.adminSecretArn !== undefined;
  return [
    's3',
    'dynamodb',
    ...(mapping.provisioned ? [] : (['lambda', 'sts'] as const)),
    ...(readsSecret ? (['secretsmanager'] as const) : []),
  ];
}
