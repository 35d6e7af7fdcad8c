// npm run consume: the topics of a real Kafka cluster through the functions, as Lambda's mapping would.

import { describeError, readArguments, runCommand } from './command.ts';
import { openTarget, type Target } from './consume-target.ts';
import { figuresOf, Progress } from './progress.ts';
import { readReport, readSummaryFigures, runReports } from './reports.ts';
import { SAMPLE_TOPICS } from './sample/debezium-event.ts';
import { every, stopSignal } from './schedule.ts';
import {
  type Environment,
  readFlushInterval,
  readOutcomesTopic,
  readWholeNumber,
} from './settings.ts';
import { EventSourceMapping } from './stream/event-source-mapping.ts';
import { type KafkaSettings, KafkaSource, listTopics } from './stream/kafka-source.ts';
import { routeTopics } from './stream/routes.ts';
import { Terminal } from './terminal.ts';
import { UserError } from './user-error.ts';

const USAGE =
  'npm run consume -- --brokers HOST:PORT[,…] [--max-messages N] [--timeout MS] [--data-dir DIR]';
/** Not the one of `npm start`, whose sample has topics of the same names. */
const DATA_DIR = '.data/kafka';
const BATCH_SIZE = 100;
const NUMBER_MAX = 999_999_999;
const STATUS_INTERVAL_S = 1;
const SESSION_TIMEOUT_MS = 60_000;
/** What a broker takes, unless it is told otherwise. */
const SESSION_TIMEOUT_BOUNDS = [6_000, 1_800_000] as const;

interface Options extends KafkaSettings {
  readonly dataDir: string;
  readonly messagesMax: number;
  readonly idleMsMax: number;
  readonly flushIntervalS: number;
}

async function consume(): Promise<void> {
  const options = readOptions();
  const signal = stopSignal();
  const terminal = new Terminal(process.stderr);
  const topics = await existingTopics(options, terminal);
  const target = await openTarget(options.dataDir, process.env);
  const progress = new Progress();
  try {
    await pumpAndReport({ ...options, topics }, target, progress, terminal, signal);
    await report(target, terminal);
  } finally {
    terminal.end();
    await target.close();
    process.stdout.write(closingLine(progress));
  }
}

function readOptions(): Options {
  const { env } = process;
  const { text } = readArguments(
    USAGE,
    { brokers: 'string', 'max-messages': 'string', timeout: 'string', 'data-dir': 'string' },
    false,
  );
  const brokers = text.brokers || env.KAFKA_BOOTSTRAP_SERVERS || env.KAFKA_BROKERS;
  if (!brokers) throw new UserError(`No broker given. Usage: ${USAGE}`);
  const tables = env.KAFKA_TOPICS || Object.values(SAMPLE_TOPICS).join();
  const bound = (name: string) => {
    const number = text[name];
    return number ? readWholeNumber(`--${name}`, number, 1, NUMBER_MAX) : Number.POSITIVE_INFINITY;
  };
  return {
    brokers: listOf(brokers),
    groupId: env.KAFKA_GROUP_ID || env.KAFKA_CONSUMER_GROUP || 'analytics-service-group',
    topics: [...new Set([...listOf(tables), readOutcomesTopic(env)])],
    sessionTimeoutMs: readSessionTimeout(env),
    dataDir: text['data-dir'] ?? DATA_DIR,
    messagesMax: bound('max-messages'),
    idleMsMax: bound('timeout'),
    flushIntervalS: readFlushInterval(env),
  };
}

function readSessionTimeout(env: Environment): number {
  const text = env.KAFKA_SESSION_TIMEOUT_MS;
  if (!text) return SESSION_TIMEOUT_MS;
  return readWholeNumber('KAFKA_SESSION_TIMEOUT_MS', text, ...SESSION_TIMEOUT_BOUNDS);
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** @throws {UserError} when there is none. */
async function existingTopics({ brokers, topics }: Options, terminal: Terminal): Promise<string[]> {
  const known = await listTopics(brokers);
  const missing = topics.filter((topic) => !known.has(topic));
  if (missing.length === topics.length) {
    throw new UserError(`The cluster has none of the topics ${topics.join(', ')}.`);
  }
  if (missing.length > 0) terminal.line(`Not in the cluster, so not read: ${missing.join(', ')}`);
  return topics.filter((topic) => known.has(topic));
}

async function pumpAndReport(
  options: Options,
  target: Target,
  progress: Progress,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const source = await KafkaSource.join(options);
  const done = new AbortController();
  const ended = AbortSignal.any([signal, done.signal]);
  const mapping = new EventSourceMapping({
    routes: routeTopics(readOutcomesTopic(process.env)),
    invoke: target.functions.invoke,
    batchSize: BATCH_SIZE,
    attemptsMax: Number.POSITIVE_INFINITY,
    signal,
    onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
    onDelivered: async ({ topic, functionName, lastOffsets, counts }) => {
      progress.count(counts, functionName);
      // What is applied and not committed comes again, and is skipped then.
      await source.commit(topic, lastOffsets).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        terminal.line(`No commit of ${topic} this time: ${reason}`);
      });
    },
  });
  const { flushIntervalS, messagesMax, idleMsMax } = options;
  try {
    await Promise.all([
      source
        .pump(mapping, { messagesMax, idleMsMax, signal })
        .catch(ignoreStop)
        .finally(() => done.abort()),
      every(flushIntervalS, ended, () => reportOrTell(target, terminal)),
      every(STATUS_INTERVAL_S, ended, () => {
        if (process.stderr.isTTY) terminal.status(progress.toConsumed(Date.now()), Date.now());
      }),
    ]);
  } finally {
    await source.leave();
  }
}

/** Stopped while waiting to try again: the batch is not committed and comes again next time. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

async function reportOrTell(target: Target, terminal: Terminal): Promise<void> {
  await report(target, terminal).catch((error: unknown) => {
    terminal.line(`No report this time: ${describeError(error)}`);
  });
}

async function report(target: Target, terminal: Terminal): Promise<void> {
  const run = await runReports(target.functions);
  const figures = readSummaryFigures(await readReport(target, run, 'summary'));
  terminal.line(`${run.generatedAt}  report: ${figuresOf({ figures })}`);
}

/** For `jq`: the one line on stdout. */
function closingLine({ counts }: Progress): string {
  const { records, quarantined } = counts;
  return `${JSON.stringify({
    level: 'INFO',
    message: 'Kafka consumer stopped',
    timestamp: new Date().toISOString(),
    success_count: records - quarantined,
    error_count: quarantined,
  })}\n`;
}

await runCommand('consume', consume);
