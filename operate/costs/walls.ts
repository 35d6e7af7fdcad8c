// What ends first when a deployment grows: each limit beside what the load needs of it, and what moves it. Pure.
import { type Flow, flowOf, type Load, partitionCapacity } from './load.ts';
import { ASSUMED, MEASURED, ofBatch, ofMerge } from './measured.ts';
import { databaseGb, invocationsAtOnce, POLLER, pollersOf, writesASecond } from './parts.ts';

export interface Wall {
  readonly name: string;
  readonly limit: number;
  readonly need: number;
  readonly unit: string;
  /** How the limit comes about. */
  readonly why: string;
  /** What moves it. */
  readonly setting: string;
}

const POLLERS_MAX = 200;
const PARTITION_KEY_WRITES = 1_000;
const TABLE_WRITES = 40_000;
const CONCURRENCY = 1_000;
const EVENT_BYTES = 6e6;
const BASE64 = 4 / 3;
const SERVERLESS = { bytesIn: 200e6, partitions: 2_400 } as const;
const TOPICS = 3;
const DATABASE_GB = 65_536;
/** Of the two cores of t4g.medium the fifth that it may use for ever. */
const DATABASE_CORES = 0.4;
/** LEAST(memory / 9,531,392, 5,000), for 4 GiB. */
const CONNECTIONS = 450;
const API_CONCURRENCY = 20;
const THROTTLE_RATE = 50;

export function wallsOf(load: Load): Wall[] {
  const flow = flowOf(load);
  return [
    ...streamWalls(load, flow),
    ...tableWalls(load, flow),
    ...functionWalls(load, flow),
    ...databaseWalls(load),
    {
      name: 'API',
      ...{ limit: THROTTLE_RATE, need: load.requests, unit: 'requests a second' },
      why: 'the stack’s own throttle; each has a connection for as long as it runs',
      setting: '`throttleRate`, `apiConcurrency`, `databaseProxy`',
    },
  ];
}

function streamWalls(load: Load, flow: Flow): Wall[] {
  const { events, partitions, outcomes, batchSize } = load;
  const busiest = (events * MEASURED.busierTopicShare) / partitions;
  const bytes = events * MEASURED.eventBytes + outcomes * ASSUMED.outcomeBytes;
  const { batchWaitSeconds, lambdaFactor } = ASSUMED;
  const us = MEASURED.eventProcessorUs * lambdaFactor;
  return [
    {
      name: 'one partition',
      ...{ limit: partitionCapacity(batchSize), need: busiest, unit: 'events a second' },
      why: `its batches come one after the other: ${batchSize} / (${batchWaitSeconds} s + ${batchSize} × ${us.toFixed(0)} µs)`,
      setting: 'partitions of the topic (`topicPartitions`), `batchSize`',
    },
    {
      name: 'pollers of a mapping',
      ...{ limit: POLLERS_MAX, need: pollersOf(load, flow), unit: 'pollers' },
      why: `each ${POLLER.bytes / 1e6} MB or ${POLLER.invocations} invocations at once; on demand Lambda makes them by itself`,
      setting: '`pollersMax`',
    },
    {
      name: 'MSK Serverless, what comes in',
      ...{ limit: SERVERLESS.bytesIn / 1e6, need: bytes / 1e6, unit: 'MB a second' },
      why: 'AWS’s quota of a cluster',
      setting: '`cluster=provisioned`, `brokerType`',
    },
    {
      name: 'MSK Serverless, partitions',
      ...{ limit: SERVERLESS.partitions, need: TOPICS * partitions, unit: 'partitions' },
      why: 'AWS’s quota of a cluster; three topics',
      setting: '`cluster=provisioned`',
    },
  ];
}

function tableWalls(load: Load, flow: Flow): Wall[] {
  const { segments } = ofBatch(flow.together);
  const batchesOfOne = flow.batches / flow.streams;
  const { processor } = ofMerge(flow.eventsAMerge);
  return [
    {
      name: 'DynamoDB, one key',
      ...{ limit: PARTITION_KEY_WRITES, unit: 'write units a second' },
      need: batchesOfOne * (segments * flow.together + 1),
      why: 'a stream’s segments share a key: a segment and its end for each batch',
      setting: '`batchWindow`: fewer, larger batches',
    },
    {
      name: 'DynamoDB, the table',
      ...{ limit: TABLE_WRITES, need: writesASecond(load), unit: 'write units a second' },
      why: 'AWS’s quota of a table; a new one begins with 4,000 and doubles within half an hour',
      setting: '`batchWindow`, fewer partitions, the quota',
    },
    {
      name: 'report runs',
      ...{ limit: load.flushInterval, unit: 'seconds' },
      need: processor * ASSUMED.lambdaFactor,
      why: 'one merges at a time, on one core, all that came in an interval',
      setting: '`flushInterval`: rows that change often are merged once',
    },
  ];
}

function functionWalls(load: Load, flow: Flow): Wall[] {
  return [
    {
      name: 'Lambda, at once',
      ...{ limit: CONCURRENCY, need: invocationsAtOnce(flow), unit: 'invocations' },
      why: 'the account’s quota; a new account has 10',
      setting: 'the quota L-B99A9384, `batchWindow`',
    },
    {
      name: 'Lambda, one batch',
      ...{ limit: EVENT_BYTES / 1e6, unit: 'MB' },
      need: (Math.max(flow.together, load.batchSize) * MEASURED.eventBytes * BASE64) / 1e6,
      why: 'a batch that is full ends there, and the next goes on; envelopes with schema are five times as long',
      setting: '`batchSize`; connectors without schema',
    },
  ];
}

function databaseWalls(load: Load): Wall[] {
  return [
    {
      name: 'RDS, storage',
      ...{ limit: DATABASE_GB, need: databaseGb(load), unit: `GB after ${load.months} months` },
      why: 'the most that gp3 has; `databaseStorageMaxGiB` (500) ends it before',
      setting: '`retentionDays`, `databaseStorageMaxGiB`',
    },
    {
      name: 'RDS, processor',
      ...{ limit: (DATABASE_CORES * 1e6) / MEASURED.outcomeServerUs, need: load.outcomes },
      unit: 'outcomes a second',
      why: `a fifth of two cores of t4g.medium, ${MEASURED.outcomeServerUs} µs an outcome`,
      setting: '`databaseInstance`',
    },
    {
      name: 'RDS, connections',
      ...{ limit: CONNECTIONS, need: load.partitions + API_CONCURRENCY, unit: 'connections' },
      why: 'one a partition that is recorded and one a request that is answered; by the instance’s memory',
      setting: '`recorderConcurrency`, `apiConcurrency`, `databaseInstance`, `databaseProxy`',
    },
  ];
}
