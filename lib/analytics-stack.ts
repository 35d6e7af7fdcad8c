// The whole service: topics → functions → stores → reports and API. One stack, so that one deployment
// moves all of it or nothing.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AggregatesTable } from './aggregates-table.ts';
import { ConsoleSite } from './console-site.ts';
import { Database } from './database.ts';
import { DocumentsBucket } from './documents-bucket.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { Migration } from './migration.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { Network } from './network.ts';
import { QueryApi } from './query-api.ts';
import { ReportSchedule } from './report-schedule.ts';
import { ServiceFunctions } from './service-functions.ts';
import type { Settings } from './settings/settings.ts';
import type { Endpoint } from './settings/source-settings.ts';
import { TopicMapping } from './topic-mapping.ts';

export interface AnalyticsStackProps extends StackProps {
  readonly settings: Settings;
}

export class AnalyticsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: AnalyticsStackProps) {
    super(scope, id, { description: 'Exact, real-time analytics for Kafka', ...props });
    const { logRetention } = settings;
    const network = this.#makeNetwork(settings);
    const table = new AggregatesTable(this, 'Aggregates');
    const documents = new DocumentsBucket(this, 'Documents', settings.documents);
    const database = new Database(this, 'Database', {
      settings: settings.database,
      network,
      logRetention,
    });
    const functions = new ServiceFunctions(this, 'Functions', {
      settings,
      table,
      documents,
      database,
    });
    const api = new QueryApi(this, 'QueryApi', {
      settings: settings.api,
      target: functions.serveApi,
      logRetention,
    });
    if (settings.api.console) {
      const { rest, signIn } = api;
      const console = settings.api.console;
      new ConsoleSite(this, 'Console', { settings: console, api: rest, signIn, logRetention });
    }
    const mappings = network ? this.#makeMappings(settings, network, functions, documents) : [];
    const schedule = new ReportSchedule(this, 'Schedule', {
      reports: functions.materializeReports,
      upkeep: functions.migrateDatabase,
      flushInterval: settings.flushInterval,
    });
    new Migration(this, 'Migration', {
      function: functions.migrateDatabase,
      after: [database],
      before: [functions.serveApi, functions.recordOutcomes, api, schedule, ...mappings],
      timeout: functions.migrateDatabase.timeout,
    });
    new Monitoring(this, 'Monitoring', {
      ...{ settings, functions, table, documents, api, database, mappings },
    });
    new CfnOutput(this, 'DocumentsBucketName', { value: documents.bucket.bucketName });
    new CfnOutput(this, 'AggregatesTableName', { value: table.table.tableName });
  }

  #makeNetwork(settings: Settings): Network | undefined {
    const { network, logRetention } = settings;
    if (network.kind === 'none') return undefined;
    const endpointsNeeded = endpointsOf(settings);
    return new Network(this, 'Network', { settings: network, endpointsNeeded, logRetention });
  }

  #makeMappings(
    settings: Settings,
    network: Network,
    functions: ServiceFunctions,
    documents: DocumentsBucket,
  ): TopicMapping[] {
    const { source, mapping, topics, logRetention } = settings;
    if (source.kind === 'none') return [];
    const cluster = new KafkaCluster(this, 'Kafka', { settings: source, network, logRetention });
    new CfnOutput(this, 'ClusterArn', { value: cluster.arn });
    const map = (purpose: string, topic: string, target: ServiceFunctions['aggregateOrders']) =>
      new TopicMapping(this, `Map-${purpose}`, {
        ...{ topic, purpose, cluster, target, documents, settings: mapping },
      });
    return [
      map('orders', topics.orders, functions.aggregateOrders),
      map('order-items', topics.orderItems, functions.aggregateOrders),
      map('outcomes', topics.outcomes, functions.recordOutcomes),
    ];
  }
}

/**
 * Pollers on demand call Lambda and STS from the cluster's subnets; provisioned ones do not. The
 * database's password is read at deployment, and always where it is the way to log on.
 */
function endpointsOf({ mapping, database }: Settings): Endpoint[] {
  const readsSecret =
    database.kind === 'new' ||
    database.logon.kind === 'secret' ||
    database.adminSecretArn !== undefined;
  return [
    's3',
    ...(mapping.provisioned ? [] : (['lambda', 'sts'] as const)),
    ...(readsSecret ? (['secretsmanager'] as const) : []),
  ];
}
