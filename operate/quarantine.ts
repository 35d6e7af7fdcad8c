// npm run quarantine: what was refused, or given up by Lambda, and why; and sends it again once the cause
// is mended. Over a data directory, or with --bucket over one in AWS.
import { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS, ENV } from '../functions/contracts.ts';
import { TOMBSTONE_DAYS } from '../functions/orders/table/items.ts';
import { type Arguments, readArguments } from '../local/command.ts';
import { readOutcomesTopic } from '../local/settings.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { connectionTo } from '../local/stream/kafka-connection.ts';
import { readKafkaSecurity } from '../local/stream/kafka-security.ts';
import { routeTopics } from '../local/stream/routes.ts';
import { UserError } from '../local/user-error.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { KeptObjects, type ReadObject } from './quarantine/kept-objects.ts';
import { type Redriven, redrive, type Target } from './quarantine/redrive.ts';
import {
  type Filters,
  named,
  readNamed,
  readSince,
  selectObjects,
  showObject,
  toJsonLine,
  toLine,
} from './quarantine/selection.ts';
import { openFileTarget, openKafkaTarget } from './quarantine/targets.ts';

const USAGE =
  'npm run quarantine -- list | show KEY… | redrive KEY… | redrive --all [--topic T] [--since TIME] ' +
  '[--reason TEXT] [--json] [--dry-run] [--old] [--brokers HOST:PORT[,…]] [--data-dir DIR | --bucket NAME]';
const OPTIONS = {
  topic: 'string',
  since: 'string',
  reason: 'string',
  brokers: 'string',
  'data-dir': 'string',
  bucket: 'string',
  json: 'boolean',
  'dry-run': 'boolean',
  old: 'boolean',
  all: 'boolean',
} as const;
const DAY_MS = 86_400_000;
/** A redriven record waits for its turn in its topic while the tombstone is still there. */
const DAYS_OLD_MAX = TOMBSTONE_DAYS - 1;

interface Place {
  readonly kept: KeptObjects;
  readonly stores: Stores | undefined;
}

async function quarantine(): Promise<void> {
  const given = readArguments(USAGE, OPTIONS, true);
  const [verb = '', ...names] = given.files;
  const run = { list, show, redrive: redriveAll }[verb];
  if (!run) throw new UserError(`Say what to do: list, show or redrive. Usage: ${USAGE}`);
  const { bucket, 'data-dir': dataDir } = given.text;
  if (bucket && dataDir) throw new UserError('--bucket and --data-dir: choose one.');
  const stores = bucket ? undefined : await openDirectory(dataDir ?? '.data', 'quarantine');
  const source = stores ?? { s3: new S3Client(), bucket: bucket ?? '' };
  try {
    await run({ kept: new KeptObjects(source.s3, source.bucket), stores }, names, given);
  } finally {
    await stores?.close();
  }
}

async function list({ kept }: Place, names: readonly string[], given: Arguments): Promise<void> {
  if (names.length > 0) throw new UserError(`list takes no names. Usage: ${USAGE}`);
  const show = given.flags.json ? toJsonLine : toLine;
  for await (const object of selectObjects(kept, filtersOf(given))) {
    process.stdout.write(show(object));
  }
}

async function show({ kept }: Place, names: readonly string[], given: Arguments): Promise<void> {
  if (names.length === 0) throw new UserError(`Name what to show. Usage: ${USAGE}`);
  for (const name of names) {
    const object = await kept.read(named(name));
    process.stdout.write(given.flags.json ? object.text : showObject(object));
  }
}

async function redriveAll({ kept, stores }: Place, names: readonly string[], given: Arguments) {
  const objects = objectsOf(kept, names, given);
  const isDryRun = given.flags['dry-run'] === true;
  const routes = routeTopics(readOutcomesTopic(process.env));
  const target = isDryRun ? NO_TARGET : await openTarget(stores, given.text.brokers);
  try {
    const done = await redrive(announced(objects, isDryRun), kept, target, {
      streamEpoch: process.env[ENV.streamEpoch] || DEFAULTS.streamEpoch,
      isDryRun,
      oldestMs: given.flags.old ? Number.NEGATIVE_INFINITY : Date.now() - DAYS_OLD_MAX * DAY_MS,
      isOutcome: (topic) => routes(topic) === 'record-outcomes',
    });
    process.stdout.write(toSummary(done, isDryRun));
    if (done.tooOld.length > 0) process.exitCode = 1;
  } finally {
    await target.close();
  }
}

const NO_TARGET: Target = { send: async () => {}, close: async () => {} };

/** All of them only when that is said. */
function objectsOf(kept: KeptObjects, names: readonly string[], given: Arguments) {
  const filters = filtersOf(given);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  if (names.length > 0 && !isFiltered && !given.flags.all) return readNamed(kept, names);
  if (names.length > 0) throw new UserError('Names, or filters, or --all: choose one.');
  if (isFiltered || given.flags.all) return selectObjects(kept, filters);
  throw new UserError(`Name what to redrive, or filter, or say --all. Usage: ${USAGE}`);
}

async function* announced(objects: AsyncIterable<ReadObject>, isDryRun: boolean) {
  for await (const object of objects) {
    if (isDryRun) process.stdout.write(toLine(object));
    yield object;
  }
}

async function openTarget(stores: Stores | undefined, brokers: string | undefined) {
  if (brokers) {
    const list = brokers.split(',').map((broker) => broker.trim());
    return openKafkaTarget(await connectionTo(list, readKafkaSecurity(process.env)));
  }
  if (!stores) throw new UserError('--bucket needs --brokers: where the records go.');
  const database = await openDatabase(stores);
  const target = await openFileTarget(stores, database?.sql).catch(async (error: unknown) => {
    await database?.close();
    throw error;
  });
  return { send: target.send, close: async () => database?.close() };
}

function filtersOf({ text }: Arguments): Filters {
  return { topic: text.topic, since: readSince(text.since), reason: text.reason };
}

function toSummary({ objects, records, tooOld }: Redriven, isDryRun: boolean): string {
  const verb = isDryRun ? 'would be sent again' : 'sent again';
  const old = tooOld.map((key) => `  ${key}\n`).join('');
  return (
    `${records} records of ${objects} objects ${verb}.\n` +
    (tooOld.length === 0
      ? ''
      : `${tooOld.length} objects stay, as they hold changes more than ${DAYS_OLD_MAX} days old: a row deleted since ` +
        `would come back, as its deletion is forgotten after ${TOMBSTONE_DAYS} days. Where that cannot be, say --old.\n${old}`)
  );
}

await runOperatorCommand('quarantine', quarantine);
