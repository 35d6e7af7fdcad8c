// npm run quarantine: what was refused, or given up by Lambda, and why; and sends it again once the cause
// is mended. Over a data directory, with --bucket over one in AWS, or with --stack where a stack's stores are.
import { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS, ENV } from '../functions/contracts.ts';
import { KeptObjects } from '../functions/operate/quarantine/kept-objects-store.ts';
import {
  assertChoice,
  isLeft,
  NO_TARGET,
  type RedriveChoice,
  redriveChosen,
  showRedriven,
} from '../functions/operate/quarantine/redriving.ts';
import {
  filtersOf,
  named,
  selectObjects,
  showObject,
  toJsonLine,
  toLine,
  type Which,
} from '../functions/operate/quarantine/selection.ts';
import { defineCommand, EXIT, StoppedError } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR, listOf } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { connectionTo } from '../local/stream/kafka-connection.ts';
import { readKafkaSecurity } from '../local/stream/kafka-security.ts';
import { openMskTokens } from '../local/stream/msk-login.ts';
import { readOutcomesTopic, routeTopics } from '../local/stream/routes.ts';
import { askStack, STACK_OPTION } from './deployed.ts';
import { runOperatorCommand } from './operator-command.ts';
import { chooseOne, openDatabase, openDirectory } from './operator-stores.ts';
import { openFileTarget, openKafkaTarget } from './quarantine/targets.ts';

interface Place {
  readonly kept: KeptObjects;
  readonly stores: Stores | undefined;
}

interface Where {
  readonly dataDir?: string | undefined;
  readonly bucket?: string | undefined;
  readonly stack?: string | undefined;
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
    .option('--bucket <name>', "a bucket in AWS instead, by the AWS SDK's own settings")
    .option(...STACK_OPTION);

verb('list', 'a line for each object')
  .option('--topic <name>', 'of this topic')
  .option('--since <time>', 'refused since then')
  .option('--reason <text>', 'whose reason holds this text')
  .option('--json', 'a JSON document a line')
  .action(async ({ json = false, ...given }) => {
    const filters = filtersOf(given);
    const { stack } = choosePlace(given);
    if (stack) return askStack(stack, () => ({ command: 'list', json, ...whichOf(given) }));
    await within(given, async ({ kept }) => {
      const show = json ? toJsonLine : toLine;
      const onUnreadable = ({ reason }: { readonly reason: string }) =>
        void process.stderr.write(`${reason}\n`);
      for await (const object of selectObjects(kept, filters, { onUnreadable })) {
        process.stdout.write(show(object));
      }
    });
  });

verb('show', 'all of an object, by its key or its position <topic>/<partition>/<offset>')
  .argument('<name...>')
  .option('--json', 'as it is kept')
  .action(async (names, { json = false, ...given }) => {
    const { stack } = choosePlace(given);
    if (stack) return askStack(stack, () => ({ command: 'show', names, json }));
    await within(given, async ({ kept }) => {
      for (const name of names) {
        const object = await kept.read(named(name));
        process.stdout.write(json ? object.text : showObject(object));
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
  .action(async (names, { dryRun: isDryRun = false, old: mayBeOld = false, ...given }) => {
    const choice = { names, filters: filtersOf(given), isDryRun, mayBeOld };
    assertChoice(choice, given.all === true);
    const { stack } = choosePlace(given);
    if (stack) return redriveInStack(stack, choice, given, given.brokers);
    await within(given, (place) => redriveAll(place, choice, given.brokers));
  });

function choosePlace({ stack, bucket, dataDir }: Where): Where {
  chooseOne({ '--stack': stack, '--bucket': bucket, '--data-dir': dataDir });
  return { stack };
}

async function within(
  { dataDir, bucket }: Where,
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const stores = bucket ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'quarantine');
  const source = stores ?? { s3: new S3Client(), bucket: bucket ?? '' };
  try {
    await work({ kept: new KeptObjects(source.s3, source.bucket), stores });
  } finally {
    await stores?.close();
  }
}

async function redriveInStack(
  stack: string,
  { names, isDryRun, mayBeOld }: RedriveChoice,
  given: Which,
  brokers: string | undefined,
): Promise<void> {
  if (!brokers && !isDryRun) {
    throw new UserError('--stack needs --brokers: those of MSK for IAM, as docs/operate.md finds.');
  }
  const which = { names: [...names], ...whichOf(given) };
  const sign = openMskTokens('The login to MSK');
  await askStack(stack, async () => ({
    ...{ command: 'redrive', ...which, isDryRun, mayBeOld },
    ...(brokers && { kafka: { brokers: listOf(brokers), token: await sign() } }),
  }));
}

async function redriveAll(
  { kept, stores }: Place,
  choice: RedriveChoice,
  brokers: string | undefined,
): Promise<void> {
  const signal = stopSignal();
  const routes = routeTopics(readOutcomesTopic(process.env));
  const target = choice.isDryRun ? NO_TARGET : await openTarget(stores, brokers);
  try {
    const done = await redriveChosen(choice, {
      ...{ kept, target, nowMs: Date.now() },
      streamEpoch: process.env[ENV.streamEpoch] || DEFAULTS.streamEpoch,
      isOutcome: (topic) => routes(topic) === 'record-outcomes',
      write: (line) => void process.stdout.write(line),
      mustStop: () => signal.aborted,
    });
    process.stdout.write(showRedriven(done, choice.isDryRun));
    if (signal.aborted) throw new StoppedError('stopped. Run it again for what is left.');
    if (isLeft(done)) process.exitCode = EXIT.found;
  } finally {
    await target.close();
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

/** As they were given: the function reads them itself. */
function whichOf({ topic, since, reason }: Which): Which {
  return { topic, since, reason };
}

await runOperatorCommand('quarantine', command);
