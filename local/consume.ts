// npm run consume: the topics of a real Kafka cluster through the functions, as Lambda's mapping would.

import { describeError, runCommand } from './command.ts';
import { type Options, readOptions } from './consume-options.ts';
import { openTarget, type Target } from './consume-target.ts';
import { Progress } from './progress.ts';
import { every, stopSignal } from './schedule.ts';
import { readOutcomesTopic } from './settings.ts';
import { EventSourceMapping } from './stream/event-source-mapping.ts';
import { connectionTo, type KafkaConnection } from './stream/kafka-connection.ts';
import { type KafkaSettings, KafkaSource, listTopics } from './stream/kafka-source.ts';
import { routeTopics } from './stream/routes.ts';
import { Terminal } from './terminal.ts';
import { UserError } from './user-error.ts';

const BATCH_SIZE = 100;
const STATUS_INTERVAL_S = 1;

async function consume(): Promise<void> {
  const options = readOptions(process.env);
  const signal = stopSignal();
  const terminal = new Terminal(process.stderr);
  const connection = await connectionTo(options.brokers, options.security);
  const topics = await existingTopics(connection, options.topics, terminal);
  const target = await openTarget(options, process.env);
  const progress = new Progress();
  try {
    await pumpAndReport({ ...options, connection, topics }, target, progress, terminal, signal);
    await report(target, terminal);
  } finally {
    terminal.end();
    await target.close();
    process.stdout.write(closingLine(progress));
  }
}

/** @throws {UserError} when there is none. */
async function existingTopics(
  connection: KafkaConnection,
  topics: readonly string[],
  terminal: Terminal,
): Promise<string[]> {
  const known = await listTopics(connection);
  const missing = topics.filter((topic) => !known.has(topic));
  if (missing.length === topics.length) {
    throw new UserError(`The cluster has none of the topics ${topics.join(', ')}.`);
  }
  if (missing.length > 0) terminal.line(`Not in the cluster, so not read: ${missing.join(', ')}`);
  return topics.filter((topic) => known.has(topic));
}

async function pumpAndReport(
  options: Options & KafkaSettings,
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
  if (target.report) terminal.line(await target.report());
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
