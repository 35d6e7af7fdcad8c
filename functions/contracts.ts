// Names that the functions, the infrastructure and the runner share. Imports nothing, so that any
// of them can import it. What is here is a promise to people outside: change it as one.

/** The environment variables of the functions. Which function reads which is in each handler. */
export const ENV = {
  aggregatesTable: 'AGGREGATES_TABLE',
  bucket: 'S3_BUCKET',
  reportPrefix: 'REPORT_PREFIX',
  topN: 'TOP_N',
  /** How change events are read; forms and defaults in orders/debezium/options.ts. */
  ordersTopics: 'ORDERS_TOPICS',
  orderItemsTopics: 'ORDER_ITEMS_TOPICS',
  ordersColumns: 'ORDERS_COLUMNS',
  orderItemsColumns: 'ORDER_ITEMS_COLUMNS',
  decimalHandling: 'DECIMAL_HANDLING',
  decimalScale: 'DECIMAL_SCALE',
  timestampUnit: 'TIMESTAMP_UNIT',
  unavailableValue: 'UNAVAILABLE_VALUE',
  statusLength: 'STATUS_LENGTH_MAX',
  streamEpoch: 'STREAM_EPOCH',
  /** Neighbouring ids that share a page of row images; fixed once a table is made. */
  pageSpan: 'PAGE_SPAN',
  dbHost: 'DB_HOST',
  dbPort: 'DB_PORT',
  dbName: 'DB_NAME',
  dbUser: 'DB_USER',
  /** How the user proves itself, one of three: a password, */
  dbPassword: 'DB_PASSWORD',
  /** `true`: a token of RDS's IAM authentication, signed at each new connection, */
  dbIamAuth: 'DB_IAM_AUTH',
  /** or a secret of Secrets Manager in RDS's form, whose user counts when DB_USER is not set. */
  dbSecretArn: 'DB_SECRET_ARN',
  /** migrate-database alone: the secret of a user that may make roles. Off when not set. */
  dbAdminSecretArn: 'DB_ADMIN_SECRET_ARN',
  /** migrate-database alone: the role that may read what its own user makes. Off when not set. */
  dbReaderUser: 'DB_READER_USER',
  /** `disable`, `require` (encrypted) or `verify-full` (encrypted, certificate checked). */
  dbSsl: 'DB_SSL',
  /** `connection` (sent as it starts) or `role` (kept with the role: RDS Proxy takes none from a connection). */
  dbSessionSettings: 'DB_SESSION_SETTINGS',
  /** Off when not set: nothing is ever dropped. */
  retentionDays: 'RETENTION_DAYS',
  /** Seconds between two report runs, as they are scheduled: what is later is late. */
  flushInterval: 'FLUSH_INTERVAL',
  /** Of pages that may read the API's answers, with commas between them. */
  corsOrigins: 'CORS_ORIGINS',
  /** serve-api: who may call, as the stack has set it before the function; the API's description says it. */
  apiAuth: 'API_AUTH',
  /** serve-api: whether GraphQL tells its schema, `true` or `false`. */
  graphqlIntrospection: 'GRAPHQL_INTROSPECTION',
  /** operate-stores: which topic the outcomes are of, as older ones may be sent again. */
  outcomesTopic: 'KAFKA_TOPIC_AUCTION_OUTCOMES',
  /** `true`: outcomes may be deleted. Of serve-api, and of migrate-database, which allows it to the reader. */
  allowDelete: 'ALLOW_DELETE',
  /** Of Cognito: who signed in must be of it to delete. Not set: whoever is let in to the method may. */
  deleteGroup: 'DELETE_GROUP',
  logLevel: 'LOG_LEVEL',
  /** Of the functions' own metrics in CloudWatch. */
  metricsNamespace: 'METRICS_NAMESPACE',
} as const;

/** What says how change events are read. */
export const DECODE_SETTINGS = [
  ...[ENV.ordersTopics, ENV.orderItemsTopics, ENV.ordersColumns, ENV.orderItemsColumns],
  ...[ENV.decimalHandling, ENV.decimalScale, ENV.timestampUnit, ENV.unavailableValue],
  ENV.statusLength,
] as const;
/** Raised when records are read otherwise than before: versions that read them alike may run beside each other. */
export const DECODING = 1;
/** Of the package and of the API's description: a test holds them together. */
export const API_VERSION = '0.1.0';

export const API_AUTHORIZATIONS = ['none', 'iam', 'cognito'] as const;
export type ApiAuthorization = (typeof API_AUTHORIZATIONS)[number];

export const FUNCTIONS = [
  'aggregate-orders',
  'materialize-reports',
  'record-outcomes',
  'migrate-database',
  'serve-api',
  'operate-stores',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The roles of a deployment: the first owns the tables and writes, the second reads. */
export const DATABASE_ROLES = { writer: 'analytics_writer', reader: 'analytics_reader' } as const;

/** One entry a report: the folder in S3 and the `report_type` inside the document. */
export const REPORTS = [
  { name: 'daily_sales', reportType: 'daily_sales' },
  { name: 'product_sales', reportType: 'product_sales' },
  { name: 'customer_metrics', reportType: 'customer_metrics' },
  { name: 'order_status', reportType: 'order_status_distribution' },
  { name: 'summary', reportType: 'summary' },
] as const;
export type ReportName = (typeof REPORTS)[number]['name'];

export const LIMITS = {
  pageSizeDefault: 100,
  pageSizeMax: 1_000,
  /** Rows that a page by number may pass over before the rollups are asked where it starts. */
  plainOffsetMax: 500,
  /** Rows from anywhere in the table that one request reads to sort, sum or choose among; beyond, it is refused. */
  rowsReadMax: 10_000,
  /** The same of rows that lie together, as those of a time range, and of entries of an index that holds all that is asked. */
  rowsTogetherMax: 50_000,
  /** Entries of such an index that are only counted or summed. */
  indexReadMax: 200_000,
  /** Rows that a page by number may pass over from the nearer end of its list. */
  offsetMax: 20_000,
  /** Lambda hands over 6 MB (6,291,556 bytes) at once; the rest is for the headers. */
  answerBytesMax: 6_000_000,
} as const;

export const DEFAULTS = {
  reportPrefix: 'analytics',
  topN: 100,
  decimalHandling: 'auto',
  decimalScale: '2',
  timestampUnit: 'auto',
  unavailableValue: '__debezium_unavailable_value',
  statusLength: 4_096,
  streamEpoch: '0',
  /** 16 rows a page in each of six partitions. */
  pageSpan: 96,
  flushInterval: 300,
  dbHost: 'localhost',
  dbPort: 5432,
  dbName: 'helios_analytics',
  dbUser: 'postgres',
  dbSsl: 'disable',
  dbSessionSettings: 'connection',
  logLevel: 'INFO',
  metricsNamespace: 'analytics-service',
  apiAuth: 'none',
  graphqlIntrospection: 'true',
} as const;

/** The key of one run's document, `stamp` being `YYYYMMDD_HHMMSS`, or `latest`. */
export function reportKey(prefix: string, report: ReportName, stamp: string): string {
  return `${prefix}/${report}/${stamp}.json`;
}

/** What materialize-reports tells of its newest run: how far each stream of the orders is counted. */
export function pipelineKey(prefix: string): string {
  return `${prefix}/pipeline/latest.json`;
}

/** What a host tells of what it alone knows, where it does: the lag of each partition. See docs/api.md. */
export function hostKey(prefix: string): string {
  return `${prefix}/pipeline/host.json`;
}

/** What Kafka takes for a topic's name; being in keys and paths, nothing else may pass for one. */
export const TOPIC_NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

export function quarantineKey(topic: string, partition: number, offset: bigint): string {
  return `${QUARANTINE_PREFIX}${topic}/${partition}/${offset}.json`;
}

export const QUARANTINE_PREFIX = 'quarantine/';
/** Where Lambda puts batches that it gave up: the key's form is Lambda's own. */
export const ABANDONED_PREFIX = 'aws/lambda/';
/** Where what was in quarantine, or given up, is kept once it was sent again. */
export const REDRIVEN_PREFIX = 'redriven/';

export function redrivenKey(key: string): string {
  return `${REDRIVEN_PREFIX}${key}`;
}

/** On a record that was sent again: where it stood first, `<epoch>:<topic>:<partition>/<offset>@<timestamp>`. */
export const REDRIVEN_HEADER = 'analytics.redriven-from';

/** The attributes of the aggregates table; see orders/table/items.ts. */
export const AGGREGATES_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  version: 'v',
  text: 'd',
  ttl: 'ttl',
} as const;
