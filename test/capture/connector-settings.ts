// Settings of the Debezium connector. The base and `platformTransform` are those of the platform's
// own connector; the others are what another team's connector may have instead.
import type { PostgresAddress } from '../platform/postgres-address.ts';

export type ConnectorSettings = Record<string, string>;

export const TOPIC_PREFIX = 'dbserver1';
export const ORDERS_TOPIC = `${TOPIC_PREFIX}.public.orders`;
export const ITEMS_TOPIC = `${TOPIC_PREFIX}.public.order_items`;
export const PRODUCTS_TOPIC = `${TOPIC_PREFIX}.public.products`;
export const NOTIFICATION_TOPIC = 'debezium-notifications';

export const baseSettings: ConnectorSettings = {
  'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
  'tasks.max': '1',
  'topic.prefix': TOPIC_PREFIX,
  'plugin.name': 'pgoutput',
  'snapshot.mode': 'initial',
  'table.include.list': 'public.products,public.orders,public.order_items',
  'topic.creation.default.partitions': '3',
  'topic.creation.default.replication.factor': '1',
  'topic.creation.default.cleanup.policy': 'delete',
  'heartbeat.interval.ms': '10000',
  'heartbeat.topics.prefix': '__debezium-heartbeat',
};

export function converters(schemas: boolean, more: ConnectorSettings = {}): ConnectorSettings {
  const settings: ConnectorSettings = {};
  for (const side of ['key', 'value']) {
    settings[`${side}.converter`] = 'org.apache.kafka.connect.json.JsonConverter';
    settings[`${side}.converter.schemas.enable`] = String(schemas);
    for (const [name, value] of Object.entries(more)) settings[`${side}.converter.${name}`] = value;
  }
  return settings;
}

const flatten: ConnectorSettings = {
  transforms: 'unwrap',
  'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
};

/** Debezium 2 and older: drop.tombstones=false and delete.handling.mode=rewrite. */
export const platformTransform: ConnectorSettings = {
  ...flatten,
  'transforms.unwrap.delete.tombstone.handling.mode': 'rewrite-with-tombstone',
  'transforms.unwrap.add.fields': 'op,source.ts_ms,source.db,source.table',
};

/** Flattened with nothing else set: a delete leaves its tombstone only. */
export const plainTransform: ConnectorSettings = flatten;

/** Snapshots on a signal in a table of the source; their end is told in a topic. */
export const signalSettings: ConnectorSettings = {
  'signal.enabled.channels': 'source',
  'signal.data.collection': 'public.debezium_signal',
  'incremental.snapshot.chunk.size': '7',
  'notification.enabled.channels': 'sink',
  'notification.sink.topic.name': NOTIFICATION_TOPIC,
};

export function connectionSettings(address: PostgresAddress): ConnectorSettings {
  return {
    'database.hostname': address.host,
    'database.port': String(address.port),
    'database.user': address.user,
    'database.password': address.password,
    'database.dbname': address.database,
  };
}
