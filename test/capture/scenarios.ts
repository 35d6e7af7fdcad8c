// What is captured: one entry a capture file, with what differs from the others.
import type { CaptureRun } from './capture-run.ts';
import {
  type ConnectorSettings,
  converters,
  NOTIFICATION_TOPIC,
  plainTransform,
  platformTransform,
  signalSettings,
} from './connector-settings.ts';
import { killConnector, snapshotAgain, snapshotIncrementally, streamThrough } from './courses.ts';
import type { SourceShape } from './source.ts';
import type { WorkloadSize } from './workload.ts';

export interface Scenario {
  name: string;
  connector: ConnectorSettings;
  shape: SourceShape;
  size: WorkloadSize;
  extraTopics: string[];
  course: (run: CaptureRun) => Promise<void>;
}

const SHAPE: SourceShape = {
  amountType: 'decimal(10,2)',
  timeType: 'timestamp',
  replicaIdentity: 'full',
};

// A record with its schema takes ten times the room of a plain one.
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
    extraTopics: [],
    course: streamThrough,
    ...options,
    shape: { ...SHAPE, ...options.shape },
  };
}

const plain = converters(false);

export const SCENARIOS: readonly Scenario[] = [
  scenario(
    'platform',
    { ...converters(true), ...platformTransform },
    { shape: { replicaIdentity: 'default' } },
  ),
  scenario('envelope-schemas', converters(true), { size: SMALL }),
  scenario('envelope', plain, { size: WIDE }),
  scenario('flattened', { ...plain, ...platformTransform }, { size: WIDE }),
  scenario('tombstone-only', { ...plain, ...plainTransform }),
  scenario('tombstone-only-schemas', { ...converters(true), ...plainTransform }, { size: SMALL }),
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
  scenario('connector-killed', plain, { course: killConnector }),
  scenario(
    'incremental-snapshot',
    { ...plain, ...signalSettings },
    {
      extraTopics: [NOTIFICATION_TOPIC],
      course: snapshotIncrementally,
    },
  ),
  scenario('second-snapshot', plain, { course: snapshotAgain }),
];
