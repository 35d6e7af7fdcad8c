// What is captured: one entry a capture file, with what differs from the others.
import type { CaptureRun } from './capture-run.ts';
import {
  type ConnectorSettings,
  converters,
  ITEMS_TOPIC,
  NOTIFICATION_TOPIC,
  ORDERS_TOPIC,
  plainTransform,
  platformTransform,
  signalSettings,
} from './connector-settings.ts';
import {
  killConnector,
  moveBetweenPartitions,
  renamePrefix,
  snapshotAgain,
  snapshotIncrementally,
  streamThrough,
} from './courses.ts';
import {
  leaveToastUnchanged,
  renameWithToast,
  storeNullWhereDefault,
  truncateTables,
  writeFarDates,
  writeNotANumber,
} from './odd-courses.ts';
import type { SourceShape } from './source.ts';
import type { WorkloadSize } from './workload.ts';

export interface Scenario {
  name: string;
  connector: ConnectorSettings;
  shape: SourceShape;
  size: WorkloadSize;
  /** What is captured of each table. */
  topics: { orders: string[]; order_items: string[] };
  extraTopics: string[];
  /** Those of them that the connector does not make before the recorder starts. */
  lateTopics: string[];
  /** What the service must be told to read it. */
  settings?: Record<string, string>;
  /** False where the records of a deleted row do not end with a tombstone. */
  checked: boolean;
  course: (run: CaptureRun) => Promise<void>;
}

const SHAPE: SourceShape = {
  amountType: 'decimal(10,2)',
  timeType: 'timestamp',
  replicaIdentity: 'full',
};

const TINY: WorkloadSize = { rowsBefore: 3, customers: 3, products: 3, randomChanges: 0 };
// A record with its schema takes four times the room of a plain one.
const SMALL: WorkloadSize = { rowsBefore: 12, customers: 8, products: 8, randomChanges: 0 };
const MEDIUM: WorkloadSize = { rowsBefore: 24, customers: 20, products: 20, randomChanges: 4 };
const WIDE: WorkloadSize = { rowsBefore: 130, customers: 130, products: 130, randomChanges: 12 };

type ScenarioOptions = Partial<Omit<Scenario, 'name' | 'connector' | 'shape'>> & {
  shape?: Partial<SourceShape>;
};

function scenario(
  name: string,
  connector: ConnectorSettings,
  options: ScenarioOptions = {},
): Scenario {
  return {
    name,
    connector,
    size: MEDIUM,
    topics: { orders: [ORDERS_TOPIC], order_items: [ITEMS_TOPIC] },
    extraTopics: [],
    lateTopics: [],
    checked: true,
    course: streamThrough,
    ...options,
    shape: { ...SHAPE, ...options.shape },
  };
}

const plain = converters(false);
const flattened = { ...plain, ...platformTransform };

const PARTITIONS = ['dbserver1.public.orders_2025_01', 'dbserver1.public.orders_2025_02'];
const PARTITIONED: ScenarioOptions = {
  size: { ...TINY, rowsBefore: 8, randomChanges: 16 },
  shape: { partitioned: true, replicaIdentity: 'default' },
  course: moveBetweenPartitions,
};
/** Not the table itself: the snapshot would read its rows twice. */
const ALL_PARTITIONS = {
  'table.include.list': 'public.products,public.orders_.*,public.order_items',
};

function routeLogically(enforceUniqueness: boolean): ConnectorSettings {
  return {
    ...ALL_PARTITIONS,
    transforms: 'logical',
    'transforms.logical.type': 'io.debezium.transforms.ByLogicalTableRouter',
    'transforms.logical.topic.regex': '(.*)[.]orders_\\d+_\\d+',
    'transforms.logical.topic.replacement': '$1.orders',
    'transforms.logical.key.enforce.uniqueness': String(enforceUniqueness),
  };
}

/** Rows known by more than one integer, and tables by more than one topic. */
const IDENTITIES: readonly Scenario[] = [
  scenario('key-columns', {
    ...plain,
    'message.key.columns': 'public.orders:id,customer_id;public.order_items:product_id,id',
  }),
  scenario(
    'regex-router',
    {
      ...flattened,
      transforms: 'unwrap,route',
      'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
      'transforms.route.regex': 'dbserver1[.]public[.](orders|order_items)',
      'transforms.route.replacement': 'shop-$1',
    },
    {
      topics: { orders: ['shop-orders'], order_items: ['shop-order_items'] },
      settings: { ORDERS_TOPICS: 'shop-orders', ORDER_ITEMS_TOPICS: 'shop-order_items' },
    },
  ),
  scenario('prefix-renamed', plain, {
    size: SMALL,
    topics: {
      orders: [ORDERS_TOPIC, 'dbserver2.public.orders'],
      order_items: [ITEMS_TOPIC, 'dbserver2.public.order_items'],
    },
    extraTopics: ['dbserver2.public.products'],
    lateTopics: ['dbserver2.public.products'],
    checked: false,
    course: renamePrefix,
  }),
  scenario('partitions-as-one', { ...plain, 'publish.via.partition.root': 'true' }, PARTITIONED),
  scenario(
    'partitions',
    { ...plain, ...ALL_PARTITIONS },
    {
      ...PARTITIONED,
      topics: { orders: PARTITIONS, order_items: [ITEMS_TOPIC] },
      settings: { ORDERS_TOPICS: PARTITIONS.join() },
    },
  ),
  scenario('logical-router', { ...plain, ...routeLogically(true) }, PARTITIONED),
  scenario('logical-router-plain-key', { ...plain, ...routeLogically(false) }, PARTITIONED),
  scenario(
    'decimal-string-unscaled',
    { ...plain, 'decimal.handling.mode': 'string' },
    {
      ...{ size: SMALL, shape: { amountType: 'numeric' } },
      settings: { DECIMAL_HANDLING: 'string' },
    },
  ),
  scenario('time-structured', { ...plain, 'time.precision.mode': 'structured' }, { size: SMALL }),
  scenario(
    'time-structured-timestamptz',
    { ...plain, 'time.precision.mode': 'structured' },
    {
      ...{ size: SMALL, shape: { timeType: 'timestamptz' } },
    },
  ),
  scenario(
    'cloud-events',
    { ...plain, 'value.converter': 'io.debezium.converters.CloudEventsConverter' },
    { size: SMALL },
  ),
];

export const SCENARIOS: readonly Scenario[] = [
  scenario(
    'platform',
    { ...converters(true), ...platformTransform },
    { shape: { replicaIdentity: 'default' } },
  ),
  scenario('envelope-schemas', converters(true), { size: SMALL }),
  scenario('envelope', plain, { size: WIDE }),
  scenario('flattened', flattened, { size: WIDE }),
  scenario('tombstone-only', { ...plain, ...plainTransform }),
  scenario('tombstone-only-schemas', { ...converters(true), ...plainTransform }, { size: SMALL }),
  scenario('delete-to-tombstone', {
    ...plain,
    ...plainTransform,
    'transforms.unwrap.delete.tombstone.handling.mode': 'delete-to-tombstone',
  }),
  scenario('decimal-string', { ...plain, 'decimal.handling.mode': 'string' }),
  scenario('decimal-double', { ...plain, 'decimal.handling.mode': 'double' }),
  scenario('decimal-json-number', converters(false, { 'decimal.format': 'NUMERIC' })),
  scenario('decimal-unscaled', plain, { shape: { amountType: 'numeric' } }),
  scenario('time-connect', { ...plain, 'time.precision.mode': 'connect' }),
  scenario(
    'time-connect-schemas',
    { ...converters(true), ...platformTransform, 'time.precision.mode': 'connect' },
    { size: SMALL },
  ),
  scenario('time-isostring', { ...plain, 'time.precision.mode': 'isostring' }),
  scenario('time-microseconds', { ...plain, 'time.precision.mode': 'microseconds' }),
  scenario('time-nanoseconds', { ...plain, 'time.precision.mode': 'nanoseconds' }),
  scenario('time-millis-column', plain, { shape: { timeType: 'timestamp(3)' } }),
  scenario('timestamptz', plain, { shape: { timeType: 'timestamptz' } }),
  scenario('replica-identity-default', plain, { shape: { replicaIdentity: 'default' } }),
  scenario('connector-killed', plain, { size: SMALL, course: killConnector }),
  scenario(
    'incremental-snapshot',
    { ...plain, ...signalSettings },
    {
      extraTopics: [NOTIFICATION_TOPIC],
      course: snapshotIncrementally,
    },
  ),
  scenario('second-snapshot', plain, { size: SMALL, course: snapshotAgain }),
  scenario('connector-killed-flattened', flattened, { size: SMALL, course: killConnector }),
  scenario(
    'incremental-snapshot-flattened',
    { ...flattened, ...signalSettings },
    { extraTopics: [NOTIFICATION_TOPIC], course: snapshotIncrementally },
  ),
  scenario('second-snapshot-flattened', flattened, { size: SMALL, course: snapshotAgain }),
  scenario('unchanged-toast', plain, {
    size: TINY,
    shape: { replicaIdentity: 'default' },
    course: leaveToastUnchanged,
  }),
  scenario(
    'null-with-default-kept',
    {
      ...converters(false, { 'replace.null.with.default': 'false' }),
      'extended.headers.enabled': 'false',
    },
    { size: TINY, shape: { replicaIdentity: 'default' }, course: storeNullWhereDefault },
  ),
  ...IDENTITIES,
  scenario('odd/unchanged-toast-new-key', plain, {
    size: TINY,
    shape: { replicaIdentity: 'default' },
    course: renameWithToast,
  }),
  scenario('odd/far-dates', plain, { size: TINY, course: writeFarDates }),
  scenario('odd/far-dates-timestamptz', plain, {
    size: TINY,
    shape: { timeType: 'timestamptz' },
    course: writeFarDates,
  }),
  scenario('odd/not-a-number', converters(true), { size: TINY, course: writeNotANumber }),
  scenario(
    'odd/not-a-number-string',
    { ...plain, 'decimal.handling.mode': 'string' },
    {
      size: TINY,
      course: writeNotANumber,
    },
  ),
  scenario(
    'odd/truncate',
    { ...plain, 'skipped.operations': 'none' },
    { size: TINY, checked: false, course: truncateTables },
  ),
  scenario('odd/null-with-default', plain, {
    size: TINY,
    shape: { replicaIdentity: 'default' },
    course: storeNullWhereDefault,
  }),
];
