// What tells people how the service fares: alarms that reach them, a dashboard, saved log queries. What
// each alarm means and asks for is in docs/runbook.md.
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AbandonedBatches } from '../abandoned-batches.ts';
import type { AggregatesTable } from '../aggregates-table.ts';
import type { Backups } from '../backups.ts';
import type { Database } from '../database.ts';
import type { DocumentsBucket } from '../documents-bucket.ts';
import { FailedBackups } from '../failed-backups.ts';
import type { QueryApi } from '../query-api.ts';
import type { ServiceFunctions } from '../service-functions.ts';
import type { Settings } from '../settings/settings.ts';
import type { TopicMapping } from '../topic-mapping.ts';
import { type AlarmDefinition, makeAlarm } from './alarm-definition.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { apiAlarms } from './api-alarms.ts';
import { abandonedAlarms, droppedAlarms, lagAlarms } from './consumer-alarms.ts';
import { type Consumer, consumersOf, measureAbandonedBatches } from './consumers.ts';
import { makeDashboard } from './dashboard.ts';
import { databaseAlarms } from './database-alarms.ts';
import { functionAlarms, upkeepAlarms } from './function-alarms.ts';
import { LogQueries } from './log-queries.ts';
import { quarantineAlarms, reportAlarms } from './record-alarms.ts';
import { apiSection, functionSection, storeSection } from './service-sections.ts';
import { flowSection, reportSection } from './stream-sections.ts';
import { tableAlarms } from './table-alarms.ts';

export interface MonitoringProps {
  readonly settings: Settings;
  readonly functions: ServiceFunctions;
  readonly table: AggregatesTable;
  readonly documents: DocumentsBucket;
  readonly api: QueryApi;
  readonly database: Database;
  /** Undefined: none are made. */
  readonly backups: Backups | undefined;
  /** None where there is no Kafka. */
  readonly mappings: readonly TopicMapping[];
  readonly clusterName: string | undefined;
  /** Undefined: one is made, or the settings name it. */
  readonly alarmTopic: ITopic | undefined;
}

export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { settings, functions, table, documents, api, database, mappings } = props;
    const { clusterName = '' } = props;
    const arePollersProvisioned = settings.mapping.provisioned !== undefined;
    const consumers = consumersOf({ arePollersProvisioned, functions, mappings });
    const topic = props.alarmTopic ?? this.#topicOf(settings);
    const abandoned = mappings.some(({ mayGiveUp }) => mayGiveUp)
      ? new AbandonedBatches(this, 'Abandoned', { documents, alarms: topic })
      : undefined;
    const { backups } = props;
    if (backups) new FailedBackups(this, 'FailedBackups', { backups, alarms: topic });
    const alarms = alarmsOf(props, consumers, abandoned).map((alarm) =>
      makeAlarm(this, alarm, topic),
    );
    makeDashboard(this, alarms, [
      flowSection(consumers, mappings, clusterName),
      reportSection(),
      apiSection(api.rest),
      storeSection(table.table, database.rds?.instance),
      functionSection(functions.all),
    ]);
    new LogQueries(this, 'LogQueries', functions);
  }

  #topicOf({ values: { alarmTopicArn, alarmEmail: email } }: Settings): ITopic {
    if (alarmTopicArn) return Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn);
    return new AlarmTopic(this, 'AlarmTopic', { email }).topic as ITopic;
  }
}

function alarmsOf(
  props: MonitoringProps,
  consumers: readonly Consumer[],
  abandoned: AbandonedBatches | undefined,
): AlarmDefinition[] {
  const { settings, functions, table, api, database, mappings } = props;
  const { flushInterval } = settings;
  return [
    ...lagAlarms(consumers, settings),
    ...(abandoned ? abandonedAlarms(measureAbandonedBatches(abandoned.rule)) : []),
    ...(settings.mapping.provisioned ? droppedAlarms(mappings) : []),
    ...quarantineAlarms(),
    ...reportAlarms(flushInterval),
    ...apiAlarms(api.rest),
    ...tableAlarms(table.table),
    ...(database.rds && settings.database.kind === 'new'
      ? databaseAlarms(database.rds.instance, settings.database)
      : []),
    ...functionAlarms(functions.all),
    ...upkeepAlarms(functions.migrateDatabase),
  ];
}
