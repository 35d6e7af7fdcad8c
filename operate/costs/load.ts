// What a deployment has to carry, and what follows from it. Pure.
import { ASSUMED, MEASURED } from './measured.ts';

export interface Load {
  /** Changes of orders and order items a second. */
  readonly events: number;
  /** Of each topic. */
  readonly partitions: number;
  readonly outcomes: number;
  /** To the API. */
  readonly requests: number;
  readonly batchSize: number;
  readonly batchWindow: number;
  readonly flushInterval: number;
  /** After which the stores are looked at: rows and their images are kept. */
  readonly months: number;
  readonly cluster: 'serverless' | 'provisioned' | 'existing';
  readonly pollers: 'on-demand' | 'provisioned';
  /** Of AWS Backup that are kept at once. */
  readonly backups: number;
}

/** The stack's own defaults, and a tenth of an API request a second. */
export const DEFAULT_LOAD: Omit<Load, 'events' | 'partitions' | 'outcomes'> = {
  requests: 0.1,
  batchSize: 1_000,
  batchWindow: 1,
  flushInterval: 300,
  months: 12,
  cluster: 'serverless',
  pollers: 'on-demand',
  backups: 0,
};
export const ZONES = 3;
const TABLES = 2;
const STACK_PARTITIONS = 12;
/** A third to spare, for catching up and for keys that are not spread evenly. */
const SPARE = 4 / 3;
const OUTCOMES_AN_EVENT = 0.01;

/** @param given - what is not given follows from the events and from the stack's defaults. */
export function loadOf(given: Partial<Load> & Pick<Load, 'events'>): Load {
  const { events } = given;
  const { batchSize = DEFAULT_LOAD.batchSize } = given;
  return {
    ...DEFAULT_LOAD,
    partitions: Math.max(STACK_PARTITIONS, partitionsFor(events, batchSize)),
    outcomes: events * OUTCOMES_AN_EVENT,
    ...given,
  };
}

/** Seconds of a batch of so many events. */
export function batchSeconds(events: number): number {
  return ASSUMED.batchWaitSeconds + events * eventSeconds();
}

export function eventSeconds(): number {
  return (MEASURED.eventProcessorUs * ASSUMED.lambdaFactor) / 1e6;
}

/** Of one partition alone, whose batches come one after the other. */
export function partitionCapacity(batchSize: number): number {
  return batchSize / batchSeconds(batchSize);
}

export function partitionsFor(events: number, batchSize: number): number {
  const ofTopic = events * MEASURED.busierTopicShare * SPARE;
  return Math.max(1, Math.ceil(ofTopic / partitionCapacity(batchSize)));
}

export interface Flow {
  /** Partitions that carry orders or items. */
  readonly streams: number;
  /** Events of one of them in one batch. */
  readonly together: number;
  /** A second, one for each partition in each window at most. */
  readonly batches: number;
  readonly outcomesTogether: number;
  readonly outcomeBatches: number;
  /** A month. */
  readonly reportRuns: number;
  readonly eventsAMerge: number;
}

export function flowOf(load: Load): Flow {
  const { events, partitions, outcomes, batchSize, batchWindow, flushInterval } = load;
  const within = (rate: number) =>
    Math.min(Math.max(rate * Math.max(batchWindow, 0.5), 1), batchSize);
  const streams = TABLES * partitions;
  const together = within(events / streams);
  const outcomesTogether = within(outcomes / partitions);
  return {
    streams,
    together,
    batches: events / together,
    outcomesTogether,
    outcomeBatches: outcomes / outcomesTogether,
    reportRuns: (30.4 * 86_400) / flushInterval,
    eventsAMerge: events * flushInterval,
  };
}
