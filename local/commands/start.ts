// npm start: the whole service on this machine, until it is told to stop. With the sample, or over a Kafka and a
// database of one's own.
import { DEFAULTS, ENV, reportKey } from '../../functions/contracts.ts';
import { KAFKA_DATA_DIR, readCluster } from '../consume/consume-options.ts';
import { figuresOf, Progress } from '../service/progress.ts';
import { readLatest, readReport, readSummaryFigures, runReports } from '../service/reports.ts';
import { openService, prepareDatabase } from '../service/service.ts';
import { defineCommand, describeError, runCommand, wholeNumber } from '../shared/command.ts';
import { every, stopSignal } from '../shared/schedule.ts';
import { DATA_DIR, readCorsOrigins, readFlushInterval } from '../shared/settings.ts';
import { Terminal } from '../shared/terminal.ts';
import { UserError } from '../shared/user-error.ts';
import { openConsoleFiles } from '../start/console-files.ts';
import { openKafkaFeed, openLocalFeed } from '../start/feed.ts';
import { openFront } from '../start/front.ts';
import { HostState } from '../start/host-state.ts';
import { openingLines, type Running } from '../start/running.ts';
import { dataPaths, refuseSampleData } from '../stores/data-directory.ts';
import { readOutcomesTopic, routeTopics } from '../stream/routes.ts';

const PORT = { default: 8000, min: 1, max: 65_532 };
/** The first reports come sooner than the interval: a newcomer looks at once. */
const FIRST_REPORT_S = 10;
const STATUS_INTERVAL_S = 1;

const command = defineCommand(
  'start',
  'The whole service on this machine: stores, traffic, reports, API and console.',
)
  .option(
    '--port <n>',
    'the first of its ports',
    wholeNumber('--port', PORT.min, PORT.max),
    PORT.default,
  )
  .option(
    '--data-dir <dir>',
    `the data directory (default: ${DATA_DIR}; with a Kafka of your own: ${KAFKA_DATA_DIR})`,
  )
  .option('--no-sample', 'no sample traffic')
  .option('--brokers <list>', 'reads a Kafka of your own, HOST:PORT,… (KAFKA_BROKERS)')
  .option('--topics <list>', 'exactly these of its topics')
  .option('--aws', `aggregates and reports in AWS: ${ENV.aggregatesTable}, ${ENV.bucket}`)
  .option('--migrate', `brings the schema of the database that ${ENV.dbHost} names up to date`)
  .action(async ({ port, dataDir, sample, brokers, topics, aws, migrate }) => {
    const { env } = process;
    const cluster = readCluster({ brokers, topics }, env);
    if (topics && !cluster) throw new UserError('--topics belongs to a Kafka of your own.');
    readFlushInterval(env);
    const folder = dataDir ?? (cluster ? KAFKA_DATA_DIR : DATA_DIR);
    if (cluster) refuseSampleData(folder);
    const signal = stopSignal();
    const terminal = new Terminal(process.stdout);
    const ports = { dynamodb: port + 1, s3: port + 2, postgres: port + 3 };
    const tell = (line: string) => terminal.line(line);
    // Asked before anything starts: a cluster that does not answer is told at once.
    const kafka = cluster && (await openKafkaFeed(cluster, tell));
    const usesAws = aws === true;
    const service = await openService({ dataDir: folder, env, usesAws, command: 'start', ports });
    try {
      const outcomesTopic = readOutcomesTopic(env);
      // A sample has no business in a database of one's own.
      const hasSample = sample && !service.hasOwnDatabase && !usesAws;
      const feed = kafka ?? (await openLocalFeed(dataPaths(folder), outcomesTopic, hasSample));
      const progress = new Progress();
      await serve({ port, service, feed, progress, terminal, signal }, migrate === true);
    } finally {
      terminal.end();
      await service.close();
    }
  });

/** Until the signal; then one more report. */
async function serve(running: Running, mayMigrate: boolean): Promise<void> {
  const { port, service, feed, progress, terminal, signal } = running;
  const { env } = process;
  const reportPrefix = env[ENV.reportPrefix] || DEFAULTS.reportPrefix;
  const front = await openFront({
    port,
    stores: service.reports,
    functions: service.functions,
    consoleFiles: await openConsoleFiles(),
    reportPrefix,
    corsOrigins: readCorsOrigins(env),
    onFailure: (error) => terminal.line(`serve-api: ${describeError(error)}`),
  });
  try {
    await prepareDatabase(service, mayMigrate);
    await recallReport(running, reportKey(reportPrefix, 'summary', 'latest'));
    for (const line of openingLines(running, reportPrefix)) terminal.line(line);
    const routes = routeTopics(readOutcomesTopic(env));
    const hasOrders = feed.topics.some((topic) => routes(topic) === 'aggregate-orders');
    await Promise.all([
      feed.run({
        ...{ signal, routes },
        invoke: service.functions.invoke,
        tell: (line) => terminal.line(line),
        onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
        onDelivered: ({ counts, functionName }) => progress.count(counts, functionName),
      }),
      hasOrders && keepReporting(running),
      keepTelling(running, new HostState(running, reportPrefix, routes)),
      every(STATUS_INTERVAL_S, signal, () => {
        terminal.status(progress.toLine(feed.lag(), Date.now()), Date.now());
      }),
    ]);
    terminal.end();
    terminal.line('Stopping: the batches in hand are done, the last report follows.');
    if (hasOrders) await report(running);
  } finally {
    front.close();
    front.closeAllConnections();
  }
}

/** What the last start reported, so that the screen does not begin with nothing. */
async function recallReport({ service, progress }: Running, key: string): Promise<void> {
  const summary = await readLatest(service.reports, key);
  if (summary === undefined) return;
  const [, generatedAt = ''] = /"generated_at":\s*"([^"]+)"/.exec(summary) ?? [];
  const atMs = Date.parse(`${generatedAt}Z`);
  progress.reported({ generatedAt, atMs, figures: readSummaryFigures(summary) });
}

/** The same failure is told once. */
async function keepTelling({ terminal, signal }: Running, host: HostState): Promise<void> {
  let failure = '';
  await every(
    STATUS_INTERVAL_S,
    signal,
    async () => {
      const reason = await host.tell(Date.now()).then(() => '', describeError);
      if (reason !== '' && reason !== failure) terminal.line(`State not told: ${reason}`);
      failure = reason;
    },
    0,
  );
}

/** A failed run is told and the next one tries again; the reports that are there stay. A wrong setting ends it. */
async function keepReporting(running: Running): Promise<void> {
  const flushIntervalS = readFlushInterval(process.env);
  const reportOrTell = () =>
    report(running).catch((error: unknown) => {
      if (error instanceof UserError) throw error;
      running.terminal.line(`No report this time: ${describeError(error)}`);
    });
  await every(flushIntervalS, running.signal, reportOrTell, FIRST_REPORT_S);
}

async function report({ service, progress, terminal }: Running): Promise<void> {
  const run = await runReports(service.functions);
  const figures = readSummaryFigures(await readReport(service.reports, run, 'summary'));
  progress.reported({ generatedAt: run.generatedAt, atMs: Date.now(), figures });
  terminal.line(`${run.generatedAt}  report: ${figuresOf({ figures })}`);
}

await runCommand('start', command);
