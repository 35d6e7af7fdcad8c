// npm run consume: the topics of a real Kafka cluster through the functions, as Lambda's mapping would.
import type { FunctionName } from '../../functions/contracts.ts';
import {
  type ClusterOptions,
  KAFKA_DATA_DIR,
  readCluster,
  readDeployed,
} from '../consume/consume-options.ts';
import { openTarget, type Target } from '../consume/consume-target.ts';
import { Progress } from '../service/progress.ts';
import { defineCommand, describeError, EXIT, runCommand, wholeNumber } from '../shared/command.ts';
import { every, stopSignal } from '../shared/schedule.ts';
import { readFlushInterval } from '../shared/settings.ts';
import { Terminal } from '../shared/terminal.ts';
import { UserError } from '../shared/user-error.ts';
import { refuseSampleData } from '../stores/data-directory.ts';
import { EventSourceMapping } from '../stream/event-source-mapping.ts';
import { type KafkaConnection, openCluster } from '../stream/kafka-cluster.ts';
import { explainUncaught } from '../stream/kafka-failure.ts';
import type { KafkaSource } from '../stream/kafka-source.ts';
import { pumpTopics } from '../stream/kafka-topics.ts';
import { BATCH_RECORDS_MAX } from '../stream/msk-event.ts';
import type { Bounds } from '../stream/read-bounds.ts';
import { readOutcomesTopic, routeTopics } from '../stream/routes.ts';

const NUMBER_MAX = 999_999_999;
const STATUS_INTERVAL_S = 1;

const command = defineCommand('consume', 'Reads topics of a Kafka cluster through the functions.')
  .option('--brokers <list>', 'HOST:PORT, with commas between (KAFKA_BROKERS)')
  .option('--topics <list>', 'exactly these topics (else KAFKA_TOPICS and that of the outcomes)')
  .option(
    '--max-messages <n>',
    'ends after so many records',
    wholeNumber('--max-messages', 1, NUMBER_MAX),
  )
  .option(
    '--timeout <ms>',
    'ends when so long none has come',
    wholeNumber('--timeout', 1, NUMBER_MAX),
  )
  .option('--data-dir <dir>', `the data directory (default: ${KAFKA_DATA_DIR})`)
  .option('--invoke <where>', 'lambda: through deployed functions instead of those here')
  .option('--stack <name>', 'with --invoke: the stack (default: analytics-service)')
  .option('--function-prefix <text>', "with --invoke: what stands before the functions' names")
  .option('--reports', 'with --invoke: runs the reports, too')
  .action(async (given) => {
    const { env } = process;
    const cluster = readCluster(given, env);
    if (!cluster) throw new UserError('No broker given: name it with --brokers or KAFKA_BROKERS.');
    const deployed = readDeployed(given);
    const dataDir = given.dataDir ?? KAFKA_DATA_DIR;
    refuseSampleData(dataDir);
    const signal = stopSignal();
    const terminal = new Terminal(process.stderr, Date.now());
    const { connection, topics } = await openCluster(cluster, (line) => terminal.line(line));
    const routes = routeTopics(readOutcomesTopic(env));
    const names = [...new Set(topics.map(routes))];
    const target = await openTarget({ dataDir, deployed, names }, env);
    const bounds = {
      messagesMax: given.maxMessages ?? Number.POSITIVE_INFINITY,
      idleMsMax: given.timeout ?? Number.POSITIVE_INFINITY,
      signal,
    };
    await consume({ cluster, connection, topics, routes, target, terminal }, bounds);
  });

interface Consumption {
  readonly cluster: ClusterOptions;
  readonly connection: KafkaConnection;
  readonly topics: readonly string[];
  readonly routes: (topic: string) => FunctionName;
  readonly target: Target;
  readonly terminal: Terminal;
}

async function consume(consumption: Consumption, bounds: Bounds): Promise<void> {
  const { target, terminal } = consumption;
  const progress = new Progress();
  try {
    await pumpAndReport(consumption, bounds, progress);
    await report(target, terminal);
  } finally {
    terminal.end();
    await target.close();
    process.stdout.write(closingLine(progress));
  }
}

async function pumpAndReport(
  { cluster, connection, topics, routes, target, terminal }: Consumption,
  bounds: Bounds,
  progress: Progress,
): Promise<void> {
  const done = new AbortController();
  const ended = AbortSignal.any([bounds.signal, done.signal]);
  const makeMapping = (source: KafkaSource, signal: AbortSignal) =>
    new EventSourceMapping({
      routes,
      invoke: target.functions.invoke,
      batchSize: BATCH_RECORDS_MAX,
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
  await Promise.all([
    pumpTopics({ ...cluster, connection, topics }, bounds, makeMapping).finally(() => done.abort()),
    every(readFlushInterval(process.env), ended, () => reportOrTell(target, terminal)),
    every(STATUS_INTERVAL_S, ended, () => {
      terminal.status(progress.toConsumed(Date.now()), Date.now());
    }),
  ]);
}

async function reportOrTell(target: Target, terminal: Terminal): Promise<void> {
  await report(target, terminal).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
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

process.on('uncaughtException', (error) => {
  const explained = explainUncaught(error);
  if (!explained) throw error;
  process.stderr.write(`consume: ${explained.message}\n`);
  process.exit(EXIT.failed);
});
await runCommand('consume', command);
