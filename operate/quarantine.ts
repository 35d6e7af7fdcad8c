// npm run quarantine: what was refused, or given up by Lambda, and why; and sends it again once the cause
// is mended. Over a data directory, or with --bucket over one in AWS.
import { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS, ENV } from '../functions/contracts.ts';
import { TOMBSTONE_DAYS } from '../functions/orders/table/items.ts';
import { defineCommand, EXIT, StoppedError } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR, listOf } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { connectionTo } from '../local/stream/kafka-connection.ts';
import { readKafkaSecurity } from '../local/stream/kafka-security.ts';
import { readOutcomesTopic, routeTopics } from '../local/stream/routes.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { KeptObjects, type ReadObject } from './quarantine/kept-objects.ts';
import { type Failed, type Redriven, redrive, type Target } from './quarantine/redrive.ts';
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

const DAY_MS = 86_400_000;
/** A redriven record waits for its turn in its topic while the tombstone is still there. */
const DAYS_OLD_MAX = TOMBSTONE_DAYS - 1;

interface Place {
  readonly kept: KeptObjects;
  readonly stores: Stores | undefined;
}

interface Where {
  readonly dataDir?: string | undefined;
  readonly bucket?: string | undefined;
}

interface Which {
  readonly topic?: string | undefined;
  readonly since?: string | undefined;
  readonly reason?: string | undefined;
}

const command = defineCommand('quarantine', 'What was refused and why; sends it again.');
command.action(() => {
  throw new UserError('Say what to do: list, show or redrive.');
});
const verb = (name: string, summary: string) =>
  command
    .command(name)
    .description(summary)
    .option('--data-dir <dir>', `the data directory (default: ${DATA_DIR})`)
    .option('--bucket <name>', "a bucket in AWS instead, by the AWS SDK's own settings");

verb('list', 'a line for each object')
  .option('--topic <name>', 'of this topic')
  .option('--since <time>', 'refused since then')
  .option('--reason <text>', 'whose reason holds this text')
  .option('--json', 'a JSON document a line')
  .action(async (given) => {
    const filters = filtersOf(given);
    await within(given, async ({ kept }) => {
      const show = given.json ? toJsonLine : toLine;
      const onUnreadable = ({ reason }: Failed) => void process.stderr.write(`${reason}\n`);
      for await (const object of selectObjects(kept, filters, onUnreadable)) {
        process.stdout.write(show(object));
      }
    });
  });

verb('show', 'all of an object, by its key or its position <topic>/<partition>/<offset>')
  .argument('<name...>')
  .option('--json', 'as it is kept')
  .action(async (names, given) => {
    await within(given, async ({ kept }) => {
      for (const name of names) {
        const object = await kept.read(named(name));
        process.stdout.write(given.json ? object.text : showObject(object));
      }
    });
  });

verb('redrive', 'sends objects again: those named, those that filters find, or all')
  .argument('[name...]')
  .option('--all', 'all of them')
  .option('--topic <name>', 'of this topic')
  .option('--since <time>', 'refused since then')
  .option('--reason <text>', 'whose reason holds this text')
  .option('--dry-run', 'lists what would be sent')
  .option('--old', 'also orders that are so old that a deletion since may be forgotten')
  .option('--brokers <list>', "to a Kafka cluster instead of the directory's own topics")
  .action(async (names, given) => {
    const isNamed = names.length > 0;
    const filters = filtersOf(given);
    const isFiltered = Object.values(filters).some((value) => value !== undefined);
    const hasChoice = isNamed || isFiltered || given.all === true;
    if (!hasChoice) throw new UserError('Name what to redrive, or filter, or say --all.');
    if (isNamed && (isFiltered || given.all)) {
      throw new UserError('Names, or filters, or --all: choose one.');
    }
    await within(given, (place) => redriveAll(place, names, filters, given));
  });

async function within(
  { dataDir, bucket }: Where,
  work: (place: Place) => Promise<void>,
): Promise<void> {
  if (bucket && dataDir) throw new UserError('--bucket and --data-dir: choose one.');
  const stores = bucket ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'quarantine');
  const source = stores ?? { s3: new S3Client(), bucket: bucket ?? '' };
  try {
    await work({ kept: new KeptObjects(source.s3, source.bucket), stores });
  } finally {
    await stores?.close();
  }
}

interface RedriveGiven {
  readonly dryRun?: true | undefined;
  readonly old?: true | undefined;
  readonly brokers?: string | undefined;
}

async function redriveAll(
  { kept, stores }: Place,
  names: readonly string[],
  filters: Filters,
  given: RedriveGiven,
): Promise<void> {
  const signal = stopSignal();
  const isDryRun = given.dryRun === true;
  const unreadable: Failed[] = [];
  const objects =
    names.length > 0
      ? readNamed(kept, names)
      : selectObjects(kept, filters, (failed) => unreadable.push(failed));
  const routes = routeTopics(readOutcomesTopic(process.env));
  const target = isDryRun ? NO_TARGET : await openTarget(stores, given.brokers);
  try {
    const redriven = await redrive(announced(objects, isDryRun, signal), kept, target, {
      streamEpoch: process.env[ENV.streamEpoch] || DEFAULTS.streamEpoch,
      isDryRun,
      oldestMs: given.old ? Number.NEGATIVE_INFINITY : Date.now() - DAYS_OLD_MAX * DAY_MS,
      isOutcome: (topic) => routes(topic) === 'record-outcomes',
    });
    const done = { ...redriven, failed: [...unreadable, ...redriven.failed] };
    process.stdout.write(toSummary(done, isDryRun));
    if (signal.aborted) throw new StoppedError('stopped. Run it again for what is left.');
    if (done.tooOld.length + done.failed.length > 0) process.exitCode = EXIT.found;
  } finally {
    await target.close();
  }
}

const NO_TARGET: Target = { send: async () => {}, close: async () => {} };

async function* announced(
  objects: AsyncIterable<ReadObject>,
  isDryRun: boolean,
  signal: AbortSignal,
) {
  for await (const object of objects) {
    if (signal.aborted) return;
    if (isDryRun) process.stdout.write(toLine(object));
    yield object;
  }
}

async function openTarget(stores: Stores | undefined, brokers: string | undefined) {
  if (brokers) {
    return openKafkaTarget(await connectionTo(listOf(brokers), readKafkaSecurity(process.env)));
  }
  if (!stores) throw new UserError('--bucket needs --brokers: where the records go.');
  const database = await openDatabase(stores);
  const target = await openFileTarget(stores, database?.sql).catch(async (error: unknown) => {
    await database?.close();
    throw error;
  });
  return { send: target.send, close: async () => database?.close() };
}

function filtersOf({ topic, since, reason }: Which): Filters {
  return { topic, since: readSince(since), reason };
}

function toSummary({ objects, records, tooOld, failed }: Redriven, isDryRun: boolean): string {
  const sent = isDryRun ? 'would be sent again' : 'sent again';
  return [
    `${records} records of ${objects} objects ${sent}.`,
    ...(tooOld.length === 0
      ? []
      : [
          `${tooOld.length} objects stay, as they hold changes more than ${DAYS_OLD_MAX} days old: a row deleted since ` +
            `would come back, as its deletion is forgotten after ${TOMBSTONE_DAYS} days. Where that cannot be, say --old.`,
          ...tooOld.map((key) => `  ${key}`),
        ]),
    ...(failed.length === 0 ? [] : [`${failed.length} objects stay, as they could not be sent:`]),
    ...failed.map(({ key, reason }) => `  ${key}: ${reason.replaceAll(/\s+/g, ' ')}`),
    '',
  ].join('\n');
}

await runOperatorCommand('quarantine', command);
