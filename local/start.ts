// npm start: the whole service on this machine, until it is told to stop.
import { DEFAULTS, ENV, reportKey } from '../functions/contracts.ts';
import { describeError, readArguments, runCommand } from './command.ts';
import { openFront } from './front.ts';
import { type Functions, hostFunctions } from './functions.ts';
import { figuresOf, Progress } from './progress.ts';
import { readReport, readSummaryFigures, runReports } from './reports.ts';
import { SAMPLE_TOPICS } from './sample/debezium-event.ts';
import { readShop, trade } from './sample/traffic.ts';
import { every, stopSignal } from './schedule.ts';
import { readFlushInterval, readWholeNumber } from './settings.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { EventSourceMapping } from './stream/event-source-mapping.ts';
import { poll } from './stream/poller.ts';
import { Positions } from './stream/positions.ts';
import { LocalTopics } from './stream/topics.ts';
import { Terminal } from './terminal.ts';

const USAGE = 'npm start [-- --port N --data-dir DIR --no-sample]';
const PORT = { default: '8000', min: 1, max: 65_533 };
const BATCH_SIZE = 100;
const FIRST_REPORT_S = 10;
const STATUS_INTERVAL_S = 1;

interface Options {
  readonly port: number;
  readonly dataDir: string;
  readonly hasSample: boolean;
  readonly flushIntervalS: number;
  readonly reportPrefix: string;
}

interface Service {
  readonly options: Options;
  readonly stores: Stores;
  readonly functions: Functions;
  readonly topics: LocalTopics;
  readonly progress: Progress;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function start(): Promise<void> {
  const options = readOptions();
  const { port, dataDir, reportPrefix } = options;
  const signal = stopSignal();
  const terminal = new Terminal(process.stdout);
  const ports = { dynamodb: port + 1, s3: port + 2 };
  const stores = await openStores(dataDir, { command: 'start', env: process.env, ports });
  try {
    const positions = await Positions.open(stores.paths.positions);
    const topics = new LocalTopics(stores.paths.topics, Object.values(SAMPLE_TOPICS), positions);
    const progress = new Progress();
    const status = () => statusDocument(stores, topics, progress);
    const front = await openFront({ port, stores, reportPrefix, status });
    const functions = await hostFunctions(stores, process.env);
    await serve({ options, stores, functions, topics, progress, terminal, signal });
    await functions.close();
    front.close();
    front.closeAllConnections();
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
  };
}

/** Until the signal; then one more report. */
async function serve(service: Service): Promise<void> {
  const { options, stores, topics, progress, terminal, signal } = service;
  const { shop } = stores.paths;
  for (const line of openingLines(service)) terminal.line(line);
  await Promise.all([
    options.hasSample && trade(shop, await readShop(shop), topics, signal),
    poll(topics, makeMapping(service), signal),
    keepReporting(service),
    every(STATUS_INTERVAL_S, signal, () => {
      terminal.status(progress.toLine(topics.lag(), Date.now()), Date.now());
    }),
  ]);
  terminal.end();
  terminal.line('Stopping: the batch in hand is done, the last report follows.');
  await report(service);
}

function makeMapping({ functions, topics, progress, terminal, signal }: Service) {
  return new EventSourceMapping({
    invoke: functions.invoke,
    batchSize: BATCH_SIZE,
    attemptsMax: Number.POSITIVE_INFINITY,
    signal,
    onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
    onDelivered: async ({ topic, lastOffsets, counts }) => {
      await topics.commit(topic, lastOffsets);
      progress.count(counts);
    },
  });
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

function statusDocument(stores: Stores, topics: LocalTopics, progress: Progress): object {
  return {
    data_directory: stores.paths.root,
    endpoints: stores.endpoints,
    table: stores.table,
    bucket: stores.bucket,
    ...progress.counts,
    lag: topics.lag(),
    newest_report: progress.newestReport?.generatedAt ?? null,
  };
}

function openingLines({ options, stores }: Service): string[] {
  const { port, hasSample, reportPrefix } = options;
  const { endpoints, paths, table, bucket } = stores;
  const newest = reportKey(reportPrefix, 'summary', 'latest');
  return [
    '',
    `  service   http://127.0.0.1:${port}`,
    `  DynamoDB  ${endpoints.dynamodb}  table ${table}`,
    `  S3        ${endpoints.s3}  bucket ${bucket}`,
    `  data      ${paths.root}`,
    `  traffic   ${hasSample ? 'a sample shop, about 5 events a second' : 'none (--no-sample)'}`,
    '',
    `  newest report   curl http://127.0.0.1:${port}/${newest}`,
    `  its file        ${paths.s3}/${bucket}/${newest}`,
    '  stop            Ctrl-C (a last report is written)',
    '',
  ];
}

await runCommand('start', start);
