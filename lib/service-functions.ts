// The functions: what each is given, and exactly what it may do.
import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../functions/contracts.ts';
import type { AggregatesTable } from './aggregates-table.ts';
import type { Database } from './database.ts';
import { decodeEnvironment } from './decode-environment.ts';
import type { DocumentsBucket } from './documents-bucket.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import type { OwnKeys } from './own-keys.ts';
import { ServiceFunction, type ServiceFunctionProps } from './service-function.ts';
import type { ApiSettings } from './settings/api-settings.ts';
import type { Settings } from './settings/settings.ts';
import { DELETE_GROUP } from './sign-in.ts';

/** Lambda gives a whole core from here on; decoding and signing are bound by it. */
const ONE_CORE_MIB = 1_769;
/** Two runs at once would write the same reports, and two migrations wait for each other. */
const ONE_AT_A_TIME = 1;

export interface ServiceFunctionsProps {
  readonly settings: Settings;
  readonly table: AggregatesTable;
  readonly documents: DocumentsBucket;
  readonly database: Database;
  readonly keys: OwnKeys;
  /** Undefined where there is no Kafka. */
  readonly cluster: KafkaCluster | undefined;
}

export class ServiceFunctions extends Construct {
  readonly aggregateOrders: ServiceFunction;
  readonly materializeReports: ServiceFunction;
  readonly recordOutcomes: ServiceFunction;
  readonly migrateDatabase: ServiceFunction;
  readonly serveApi: ServiceFunction;
  /** What operators run in the VPC. */
  readonly operateStores: ServiceFunction;
  readonly #props: ServiceFunctionsProps;

  constructor(scope: Construct, id: string, props: ServiceFunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.aggregateOrders = this.#makeAggregateOrders();
    this.materializeReports = this.#makeMaterializeReports();
    this.recordOutcomes = this.#makeRecordOutcomes();
    this.migrateDatabase = this.#makeMigrateDatabase();
    this.serveApi = this.#makeServeApi();
    this.operateStores = this.#makeOperateStores();
    this.#allowKeys(props.keys);
  }

  get all(): ServiceFunction[] {
    return [
      ...[this.aggregateOrders, this.materializeReports, this.recordOutcomes],
      ...[this.migrateDatabase, this.serveApi, this.operateStores],
    ];
  }

  #allowKeys(keys: OwnKeys): void {
    const ofTable = [this.aggregateOrders, this.materializeReports, this.operateStores];
    for (const one of ofTable) keys.allowTable(one);
    for (const one of [...ofTable, this.recordOutcomes]) keys.allowPutting(one);
    const readers = [this.materializeReports, this.serveApi, this.operateStores];
    for (const one of readers) keys.allowGetting(one);
  }

  #makeAggregateOrders(): ServiceFunction {
    const { table, documents, settings } = this.#props;
    const made = this.#make('AggregateOrders', {
      functionName: 'aggregate-orders',
      description: 'Changes of orders and order items → aggregates',
      memoryMiB: ONE_CORE_MIB,
      // Long enough for a throttled table to scale; the mapping allows 14 minutes.
      timeout: Duration.minutes(5),
      environment: {
        [ENV.aggregatesTable]: table.table.tableName,
        [ENV.bucket]: documents.bucket.bucketName,
        [ENV.streamEpoch]: settings.values.streamEpoch,
        [ENV.pageSpan]: String(settings.values.pageSpan),
        ...decodeEnvironment(settings),
      },
    });
    const actions = ['BatchGetItem', 'PutItem', 'Query'].map((name) => `dynamodb:${name}`);
    made.allow(actions, [table.table.tableArn]);
    const topics = [...settings.topics.orders, ...settings.topics.orderItems];
    made.allow(
      ['s3:PutObject'],
      topics.map((topic) => documents.quarantineArn(topic)),
    );
    return made;
  }

  #makeMaterializeReports(): ServiceFunction {
    const { table, documents, settings } = this.#props;
    const made = this.#make('MaterializeReports', {
      functionName: 'materialize-reports',
      description: 'Aggregates → the five reports',
      memoryMiB: ONE_CORE_MIB,
      // A long outage is merged in several plans; the rare recount of a ranking reads every page.
      timeout: Duration.minutes(10),
      concurrencyMax: ONE_AT_A_TIME,
      environment: {
        [ENV.aggregatesTable]: table.table.tableName,
        [ENV.bucket]: documents.bucket.bucketName,
        [ENV.reportPrefix]: settings.values.reportPrefix,
        [ENV.topN]: String(settings.values.topN),
      },
    });
    const actions = ['BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query'];
    made.allow(
      actions.map((name) => `dynamodb:${name}`),
      [table.table.tableArn],
    );
    made.allow(['s3:GetObject', 's3:PutObject'], [documents.reportsArn]);
    made.allow(['s3:ListBucket'], [documents.bucket.bucketArn]);
    return made;
  }

  #makeRecordOutcomes(): ServiceFunction {
    const { documents, database, settings } = this.#props;
    const made = this.#make('RecordOutcomes', {
      functionName: 'record-outcomes',
      description: 'Auction outcomes → rows and rollups',
      memoryMiB: ONE_CORE_MIB,
      // Statements end after 30 seconds and locks after 10: this is several attempts of both.
      timeout: Duration.minutes(3),
      concurrencyMax: settings.values.recorderConcurrency,
      environment: {
        [ENV.bucket]: documents.bucket.bucketName,
        [ENV.streamEpoch]: settings.values.streamEpoch,
        ...database.environment('writer'),
      },
      placement: database.placement,
    });
    made.allow(
      ['s3:PutObject'],
      settings.topics.outcomes.map((topic) => documents.quarantineArn(topic)),
    );
    database.allowLogon(made, 'writer');
    return made;
  }

  #makeMigrateDatabase(): ServiceFunction {
    const { database, settings } = this.#props;
    const made = this.#make('MigrateDatabase', {
      functionName: 'migrate-database',
      description: 'Schema, partitions and retention of the outcomes',
      memoryMiB: 512,
      // An index on a large table takes its time; Lambda ends after this in any case.
      timeout: Duration.minutes(15),
      concurrencyMax: ONE_AT_A_TIME,
      environment: {
        [ENV.retentionDays]: String(settings.values.retentionDays),
        ...(settings.api.deletion && { [ENV.allowDelete]: 'true' }),
        ...database.migrationEnvironment(),
      },
      placement: database.placement,
    });
    database.allowMigration(made);
    return made;
  }

  #makeServeApi(): ServiceFunction {
    const { documents, database, settings } = this.#props;
    const { values, api } = settings;
    const made = this.#make('ServeApi', {
      functionName: 'serve-api',
      description: 'The query API',
      handler: api.isStreamed ? 'index.streamHandler' : 'index.handler',
      memoryMiB: ONE_CORE_MIB,
      // As long as API Gateway waits.
      timeout: Duration.seconds(29),
      // One connection an instance: this many the database must have to spare.
      concurrencyMax: values.apiConcurrency,
      environment: {
        [ENV.bucket]: documents.bucket.bucketName,
        [ENV.reportPrefix]: values.reportPrefix,
        [ENV.apiAuth]: api.auth,
        [ENV.graphqlIntrospection]: String(api.isIntrospectable),
        [ENV.flushInterval]: String(values.flushInterval),
        ...deletionEnvironment(api),
        ...(api.corsOrigins.length > 0 && { [ENV.corsOrigins]: api.corsOrigins.join(',') }),
        ...database.environment('reader'),
      },
      placement: database.placement,
    });
    made.allow(
      ['s3:GetObject'],
      [
        documents.reportsArn,
        ...Object.values(settings.topics)
          .flat()
          .map((topic: string) => documents.quarantineArn(topic)),
      ],
    );
    // For the runs, and what is in quarantine; and without it S3 answers "denied" where it should answer "not there".
    made.allow(['s3:ListBucket'], [documents.bucket.bucketArn]);
    database.allowLogon(made, 'reader');
    return made;
  }

  /** As many at once as are asked for: stores and locks say who may go on. */
  #makeOperateStores(): ServiceFunction {
    const { table, documents, database, cluster, settings } = this.#props;
    const { values } = settings;
    const { placement } = database;
    const made = this.#make('OperateStores', {
      functionName: 'operate-stores',
      description: 'Audit, rebuild and quarantine, for operators',
      // An audit holds every row's sums; its speed is that of a core.
      memoryMiB: values.operatorMemoryMiB,
      timeout: Duration.minutes(15),
      environment: {
        [ENV.aggregatesTable]: table.table.tableName,
        [ENV.bucket]: documents.bucket.bucketName,
        [ENV.topN]: String(values.topN),
        [ENV.streamEpoch]: values.streamEpoch,
        [ENV.outcomesTopic]: values.topicOutcomes,
        ...database.environment('writer', true),
      },
      // Brokers admit their own group, as they admit Lambda's pollers.
      placement: placement && {
        ...placement,
        ...(cluster && { alsoIn: [cluster.securityGroup] }),
      },
    });
    const actions = ['BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query', 'Scan'];
    made.allow(
      actions.map((name) => `dynamodb:${name}`),
      [table.table.tableArn],
    );
    made.allow(['s3:GetObject', 's3:DeleteObject'], documents.keptArns);
    made.allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [documents.redrivenArn]);
    made.allow(['s3:ListBucket'], [documents.bucket.bucketArn]);
    database.allowLogon(made, 'writer', true);
    return made;
  }

  #make(
    id: string,
    props: Omit<ServiceFunctionProps, 'logRetention' | 'isTraced'>,
  ): ServiceFunction {
    const { settings } = this.#props;
    return new ServiceFunction(this, id, {
      ...props,
      logRetention: settings.logRetention,
      isTraced: settings.values.tracing,
      environment: {
        ...props.environment,
        [ENV.logLevel]: settings.values.logLevel,
        [ENV.metricsNamespace]: Stack.of(this).stackName,
      },
    });
  }
}

/** With Cognito the function sees who calls; with IAM the API's own policy has decided. */
function deletionEnvironment({ deletion, auth }: ApiSettings): Record<string, string> {
  if (!deletion) return {};
  return {
    [ENV.allowDelete]: 'true',
    ...(auth === 'cognito' && { [ENV.deleteGroup]: DELETE_GROUP }),
  };
}
