// What is captured: one entry a capture file, with what differs from the others.
import type { CaptureRun } from './capture-run.ts';
import { type ConnectorSettings, converters, platformTransform } from './connector-settings.ts';
import { streamThrough } from './courses.ts';
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
const MEDIUM: WorkloadSize = { rowsBefore: 30, customers: 20, products: 20, randomChanges: 5 };
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

export const SCENARIOS: readonly Scenario[] = [
  scenario(
    'platform',
    { ...converters(true), ...platformTransform },
    { shape: { replicaIdentity: 'default' } },
  ),
  scenario('envelope-schemas', converters(true), { size: SMALL }),
  scenario('envelope', converters(false), { size: WIDE }),
];
