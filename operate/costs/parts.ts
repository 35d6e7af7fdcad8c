// What each part of a deployment costs in a month: amounts × prices, nothing else. Pure.
import { batchSeconds, type Flow, flowOf, type Load, ZONES } from './load.ts';
import { ASSUMED, MEASURED, ofBatch, ofMerge } from './measured.ts';
import { HOURS_A_MONTH, PRICES, SECONDS_A_MONTH } from './prices.ts';

/** So much of something, each at a price. */
export interface Term {
  readonly amount: number;
  readonly what: string;
  readonly price: number;
}

export interface Part {
  readonly name: string;
  readonly terms: readonly Term[];
}

/** Lambda's memory where it gives one whole core. */
const FUNCTION_GB = 1_769 / 1_024;
const GB = 1e9;
const DAY_SECONDS = 86_400;
const POLLERS_A_UNIT = 4;
/** 5 MB/s, or five invocations at once. */
export const POLLER = { bytes: 5e6, invocations: 5 } as const;
const MAPPINGS = 3;
const BROKERS = 3;
const KAFKA_DAYS = 7;
/** Of a DynamoDB item or a Lambda event beside what it holds. */
const BASE64 = 4 / 3;
const REPORT_DAYS = 90;
const INSTANCE_GB = 50;

export function partsOf(load: Load): Part[] {
  const flow = flowOf(load);
  return [
    ...tableParts(load, flow),
    ...functionParts(flow),
    { name: 'pollers', terms: pollerTerms(load, flow) },
    { name: 'RDS', terms: databaseTerms(load) },
    ...backupParts(load),
    { name: 'interface endpoints', terms: endpointTerms(load) },
    { name: 'MSK, if it is new', terms: kafkaTerms(load) },
    { name: 'S3', terms: bucketTerms(flow) },
    { name: 'API Gateway, `serve-api`', terms: apiTerms(load) },
    { name: 'logs, metrics, alarms', terms: monitoringTerms(load, flow) },
  ];
}

export function dollarsOf({ terms }: Part): number {
  return terms.reduce((sum, { amount, price }) => sum + amount * price, 0);
}

const aMonth = (aSecond: number) => aSecond * SECONDS_A_MONTH;

export function writesASecond(load: Load): number {
  const flow = flowOf(load);
  const { writes, segments } = ofBatch(flow.together);
  return load.events * (writes + segments) + ofMerge(flow.eventsAMerge).writes / load.flushInterval;
}

function tableParts(load: Load, flow: Flow): Part[] {
  const { events } = load;
  const { dynamodb } = PRICES;
  const batch = ofBatch(flow.together);
  const merge = ofMerge(flow.eventsAMerge);
  const millions = (what: string, amount: number, price: number): Term => ({
    ...{ what, price },
    amount: amount / 1e6,
  });
  const { millionWrites, millionReads } = dynamodb;
  const storedGb = imagesGb(load);
  const segmentsGb = segmentsGbOf(load);
  return [
    {
      name: 'DynamoDB, writes',
      terms: [
        millions('million units of batches', aMonth(events) * batch.writes, millionWrites),
        millions('million to delete segments', aMonth(events) * batch.segments, millionWrites),
        millions('million of merges', flow.reportRuns * merge.writes, millionWrites),
      ],
    },
    {
      name: 'DynamoDB, reads',
      terms: [
        millions('million units of batches', aMonth(events) * batch.reads, millionReads),
        millions('million of merges', flow.reportRuns * merge.reads, millionReads),
      ],
    },
    {
      name: 'DynamoDB, storage and its backup',
      terms: [
        { what: 'GB of row images', amount: storedGb, price: dynamodb.gbMonth },
        { what: 'GB of a day’s segments', amount: segmentsGb, price: dynamodb.gbMonth },
        { what: 'GB to restore', amount: storedGb + segmentsGb, price: dynamodb.backupGbMonth },
      ],
    },
  ];
}

function imagesGb({ events, months }: Load): number {
  const rows = aMonth(events) * MEASURED.rowsAnEvent * months;
  return (rows * MEASURED.imageBytes) / GB;
}

/** Of a day, after which they are deleted. */
function segmentsGbOf(load: Load): number {
  const { segments } = ofBatch(flowOf(load).together);
  return (load.events * segments * DAY_SECONDS * 1_024) / GB;
}

const tableGbOf = (load: Load) => imagesGb(load) + segmentsGbOf(load);

function functionParts(flow: Flow): Part[] {
  const merge = ofMerge(flow.eventsAMerge);
  const mergeSeconds = 1 + merge.processor * ASSUMED.lambdaFactor;
  const part = (name: string, invocations: number, seconds: number): Part => ({
    name: `Lambda, \`${name}\``,
    terms: lambdaTerms(invocations, seconds),
  });
  return [
    part('aggregate-orders', aMonth(flow.batches), batchSeconds(flow.together)),
    part('record-outcomes', aMonth(flow.outcomeBatches), outcomeSeconds(flow)),
    part('materialize-reports', flow.reportRuns, mergeSeconds),
  ];
}

function outcomeSeconds({ outcomesTogether }: Flow): number {
  return ASSUMED.batchWaitSeconds + (outcomesTogether * MEASURED.outcomeServerUs * 2) / 1e6;
}

function lambdaTerms(invocations: number, seconds: number): Term[] {
  const { millionRequests, gbSecond } = PRICES.lambda;
  return [
    { what: 'million invocations', amount: invocations / 1e6, price: millionRequests },
    {
      what: 'thousand GB-seconds',
      amount: (invocations * seconds * FUNCTION_GB) / 1e3,
      price: gbSecond * 1e3,
    },
  ];
}

/** At once, of both functions that read Kafka. */
export function invocationsAtOnce(flow: Flow): number {
  return flow.batches * batchSeconds(flow.together) + flow.outcomeBatches * outcomeSeconds(flow);
}

export function pollersOf(load: Load, flow: Flow): number {
  const bytes = load.events * MEASURED.eventBytes + load.outcomes * ASSUMED.outcomeBytes;
  const busy = Math.max(bytes / POLLER.bytes, invocationsAtOnce(flow) / POLLER.invocations);
  return Math.max(MAPPINGS, Math.ceil(busy));
}

function pollerTerms(load: Load, flow: Flow): Term[] {
  const isProvisioned = load.pollers === 'provisioned';
  const units = isProvisioned ? Math.ceil(pollersOf(load, flow) / POLLERS_A_UNIT) : 0;
  const what = 'hours of units of four provisioned pollers';
  return [{ what, amount: units * HOURS_A_MONTH, price: PRICES.lambda.pollerUnitHour }];
}

export function databaseGb({ outcomes, months }: Load): number {
  return (aMonth(outcomes) * months * ASSUMED.outcomeRowBytes) / GB;
}

function databaseTerms(load: Load): Term[] {
  const { hour, gbMonth } = PRICES.database;
  return [
    { what: 'hours of t4g.medium', amount: HOURS_A_MONTH, price: hour },
    { what: 'GB', amount: Math.max(INSTANCE_GB, databaseGb(load)), price: gbMonth },
  ];
}

/** Each one of a table is whole; of an instance the next ones hold what has changed. */
function backupParts(load: Load): Part[] {
  const { backups } = load;
  if (backups === 0) return [];
  const { tableGbMonth, databaseGbMonth } = PRICES.backup;
  const tableGb = backups * tableGbOf(load);
  const terms = [
    { what: 'GB of whole tables', amount: tableGb, price: tableGbMonth },
    { what: 'GB of the database', amount: databaseGb(load), price: databaseGbMonth },
  ];
  return [{ name: 'AWS Backup', terms }];
}

/** Pollers on demand call Lambda and STS through them, with all that they carry. */
function endpointTerms(load: Load): Term[] {
  const isOnDemand = load.pollers === 'on-demand';
  const { endpointHour, endpointGb } = PRICES.network;
  const bytes = load.events * MEASURED.eventBytes + load.outcomes * ASSUMED.outcomeBytes;
  return [
    {
      what: 'hours of an endpoint in a zone',
      amount: (isOnDemand ? 3 : 1) * ZONES * HOURS_A_MONTH,
      price: endpointHour,
    },
    {
      what: 'GB to Lambda',
      amount: isOnDemand ? (aMonth(bytes) * BASE64) / GB : 0,
      price: endpointGb,
    },
  ];
}

function kafkaTerms(load: Load): Term[] {
  const { serverlessKafka: prices, brokers } = PRICES;
  const bytes = load.events * MEASURED.eventBytes + load.outcomes * ASSUMED.outcomeBytes;
  const gb = aMonth(bytes) / GB;
  const keptGb = (bytes * KAFKA_DAYS * DAY_SECONDS) / GB;
  if (load.cluster === 'existing') return [];
  if (load.cluster === 'provisioned') {
    return [
      { what: 'hours of kafka.m7g.large', amount: BROKERS * HOURS_A_MONTH, price: brokers.hour },
      { what: 'GB for a week, three times', amount: BROKERS * keptGb, price: brokers.gbMonth },
    ];
  }
  const partitionHours = MAPPINGS * load.partitions * HOURS_A_MONTH;
  return [
    { what: 'hours', amount: HOURS_A_MONTH, price: prices.clusterHour },
    { what: 'hours of a partition', amount: partitionHours, price: prices.partitionHour },
    { what: 'GB in', amount: gb, price: prices.gbIn },
    { what: 'GB out', amount: gb, price: prices.gbOut },
    { what: 'GB for a week', amount: keptGb, price: prices.gbMonth },
  ];
}

function bucketTerms({ reportRuns }: Flow): Term[] {
  const { thousandPuts, gbMonth } = PRICES.s3;
  const kept = (REPORT_DAYS / 30.4) * reportRuns * ASSUMED.reportBytes;
  return [
    {
      what: 'thousand requests of report runs',
      amount: (reportRuns * MEASURED.reportRequests) / 1e3,
      price: thousandPuts,
    },
    { what: 'GB of reports of 90 days', amount: kept / GB, price: gbMonth },
  ];
}

function apiTerms({ requests }: Load): Term[] {
  const { millionRequests, gbOut } = PRICES.apiGateway;
  const count = aMonth(requests);
  return [
    { what: 'million requests', amount: count / 1e6, price: millionRequests },
    ...lambdaTerms(count, ASSUMED.apiSeconds),
    { what: 'GB out', amount: (count * ASSUMED.apiBytes) / GB, price: gbOut },
  ];
}

function monitoringTerms(load: Load, flow: Flow): Term[] {
  const { logsGb, metric, alarm, dashboard } = PRICES.cloudwatch;
  const lines = aMonth(flow.batches + flow.outcomeBatches + load.requests);
  return [
    { what: 'GB of logs', amount: (lines * ASSUMED.logBytesABatch) / GB, price: logsGb },
    { what: 'metrics', amount: ASSUMED.customMetrics, price: metric },
    { what: 'alarms', amount: ASSUMED.alarms, price: alarm },
    { what: 'dashboard', amount: 1, price: dashboard },
  ];
}
