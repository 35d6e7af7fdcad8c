// npm start: the whole service on this machine, until it is told to stop.
import { realpathSync } from 'node:fs';
import { DEFAULTS, ENV, reportKey } from '../functions/contracts.ts';
import { describeError, readArguments, runCommand } from './command.ts';
import { openConsoleFiles } from './console-files.ts';
import { openFront } from './front.ts';
import { type Functions, hostFunctions, surroundingsOf } from './functions.ts';
import { HostState } from './host-state.ts';
import { figuresOf, Progress } from './progress.ts';
import { readReport, readSummaryFigures, runReports } from './reports.ts';
import { holdAuctions, readAuctions } from './sample/auction-traffic.ts';
import { SAMPLE_TOPICS } from './sample/debezium-event.ts';
import { readShop, trade } from './sample/traffic.ts';
import { every, stopSignal } from './schedule.ts';
import { readFlushInterval, readOutcomesTopic, readWholeNumber } from './settings.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { EventSourceMapping } from './stream/event-source-mapping.ts';
import { poll } from './stream/poller.ts';
import { Positions } from './stream/positions.ts';
import { routeTopics } from './stream/routes.ts';
import { LocalTopics } from './stream/topics.ts';
import { Terminal } from './terminal.ts';

const USAGE = 'npm start [-- --port N --data-dir DIR --no-sample]';
const PORT = { default: '8000', min: 1, max: 65_532 };
const BATCH_SIZE = 100;
const FIRST_REPORT_S = 10;
const STATUS_INTERVAL_S = 1;

interface Options {
  readonly port: number;
  readonly dataDir: string;
  readonly hasSample: boolean;
  readonly flushIntervalS: number;
  readonly reportPrefix: string;
  readonly outcomesTopic: string;
}

interface Service {
  readonly options: Options;
  readonly stores: Stores;
  readonly functions: Functions;
  readonly topics: LocalTopics;
  readonly progress: Progress;
  readonly host: HostState;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function start(): Promise<void> {
  const options = readOptions();
  const { port, dataDir, reportPrefix, outcomesTopic } = options;
  const signal = stopSignal();
  const terminal = new Terminal(process.stdout);
  const ports = { dynamodb: port + 1, s3: port + 2, postgres: port + 3 };
  const stores = await openStores(dataDir, { command: 'start', env: process.env, ports });
  try {
    const positions = await Positions.open(stores.paths.positions);
    const names = [...Object.values(SAMPLE_TOPICS), outcomesTopic];
    const topics = new LocalTopics(stores.paths.topics, names, positions);
    const progress = new Progress();
    const functions = await hostFunctions(surroundingsOf(stores, process.env));
    const onFailure = (error: unknown) => terminal.line(`serve-api: ${describeError(error)}`);
    const consoleFiles = await openConsoleFiles();
    const front = await openFront({
      ...{ port, stores, functions, consoleFiles, reportPrefix, onFailure },
    });
    await functions.invoke('migrate-database', '{}');
    const host = new HostState({
      ...{ stores, reportPrefix, topics, progress, postgresPort: ports.postgres },
      routes: routeTopics(outcomesTopic),
    });
    await serve({ options, stores, functions, topics, progress, host, terminal, signal });
    front.close();
    front.closeAllConnections();
    await functions.close();
  } finally {
    terminal.end();
    await stores.close();
  }
}

function readOptions(): Options {
  const { env } = process;
  const { text, flags } = readArguments(
    USAGE,
    { port: 'string', 'data-dir': 'string', 'no-sample': 'boolean' },
    false,
  );
  return {
    port: readWholeNumber('--port', text.port ?? PORT.default, PORT.min, PORT.max),
    dataDir: text['data-dir'] ?? '.data',
    hasSample: !flags['no-sample'],
    flushIntervalS: readFlushInterval(env),
    reportPrefix: env[ENV.reportPrefix] || DEFAULTS.reportPrefix,
    outcomesTopic: readOutcomesTopic(env),
  };
}

/** Until the signal; then one more report. */
async function serve(service: Service): Promise<void> {
  const { options, stores, topics, progress, terminal, signal } = service;
  const { shop, auctions } = stores.paths;
  const { hasSample, outcomesTopic } = options;
  for (const line of openingLines(service)) terminal.line(line);
  await Promise.all([
    hasSample && trade(shop, await readShop(shop), topics, signal),
    hasSample &&
      holdAuctions(auctions, await readAuctions(auctions), topics, outcomesTopic, signal),
    poll(topics, makeMapping(service), signal),
    keepReporting(service),
    keepTelling(service),
    every(STATUS_INTERVAL_S, signal, () => {
      terminal.status(progress.toLine(topics.lag(), Date.now()), Date.now());
    }),
  ]);
  terminal.end();
  terminal.line('Stopping: the batch in hand is done, the last report follows.');
  await report(service);
}

function makeMapping({ options, functions, topics, progress, terminal, signal }: Service) {
  return new EventSourceMapping({
    routes: routeTopics(options.outcomesTopic),
    invoke: functions.invoke,
    batchSize: BATCH_SIZE,
    attemptsMax: Number.POSITIVE_INFINITY,
    signal,
    onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
    onDelivered: async ({ topic, functionName, lastOffsets, counts }) => {
      await topics.commit(topic, lastOffsets);
      progress.count(counts, functionName);
    },
  });
}

/** The same failure is told once. */
async function keepTelling({ host, terminal, signal }: Service): Promise<void> {
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

/** A failed run is told and the next one tries again; the reports that are there stay. */
async function keepReporting(service: Service): Promise<void> {
  const { flushIntervalS } = service.options;
  const reportOrTell = () =>
    report(service).catch((error: unknown) => {
      service.terminal.line(`No report this time: ${describeError(error)}`);
    });
  const firstS = Math.min(FIRST_REPORT_S, flushIntervalS);
  await every(flushIntervalS, service.signal, reportOrTell, firstS);
}

async function report({ stores, functions, progress, terminal }: Service): Promise<void> {
  const run = await runReports(functions);
  const figures = readSummaryFigures(await readReport(stores, run, 'summary'));
  progress.reported({ generatedAt: run.generatedAt, atMs: Date.now(), figures });
  terminal.line(`${run.generatedAt}  report: ${figuresOf({ figures })}`);
}

function openingLines({ options, stores }: Service): string[] {
  const { port, hasSample, reportPrefix } = options;
  const traffic = 'a sample shop, about 5 events a second, and 2 auction outcomes';
  const { endpoints, paths, table, bucket, database } = stores;
  const newest = reportKey(reportPrefix, 'summary', 'latest');
  const files = realpathSync(paths.postgres);
  return [
    '',
    `  service   http://127.0.0.1:${port}`,
    `  DynamoDB  ${endpoints.dynamodb}  table ${table}`,
    `  S3        ${endpoints.s3}  bucket ${bucket}`,
    `  Postgres  127.0.0.1:${port + 3}  database ${database}, password in ${paths.pgpass}`,
    `  data      ${paths.root}`,
    ...(files === paths.postgres
      ? []
      : [`            ${files} (PostgreSQL, run by another account)`]),
    `  traffic   ${hasSample ? traffic : 'none (--no-sample)'}`,
    '',
    `  outcomes        curl http://127.0.0.1:${port}/api/outcomes/`,
    `  what is wrong   curl http://127.0.0.1:${port}/api/pipeline/`,
    `  newest report   curl http://127.0.0.1:${port}/${newest}`,
    `  its file        ${paths.s3}/${bucket}/${newest}`,
    '  stop            Ctrl-C (a last report is written)',
    '',
  ];
}

await runCommand('start', start);
