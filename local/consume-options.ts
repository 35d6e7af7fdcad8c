// What `npm run consume` is told: by its arguments, else by the environment.
import { readArguments } from './command.ts';
import type { DeployedOptions, TargetOptions } from './consume-target.ts';
import { SAMPLE_TOPICS } from './sample/debezium-event.ts';
import {
  type Environment,
  listOf,
  readFlushInterval,
  readOutcomesTopic,
  readWholeNumber,
} from './settings.ts';
import { type KafkaSecurity, readKafkaSecurity } from './stream/kafka-security.ts';
import type { KafkaSettings } from './stream/kafka-source.ts';
import { UserError } from './user-error.ts';

const USAGE =
  'npm run consume -- --brokers HOST:PORT[,…] [--max-messages N] [--timeout MS] ' +
  '[--data-dir DIR | --invoke lambda [--stack NAME | --function-prefix TEXT] [--reports]]';
/** Not the one of `npm start`, whose sample has topics of the same names. */
const DATA_DIR = '.data/kafka';
/** What the stack is called when nothing else is said. */
const STACK = 'analytics-service';
const NUMBER_MAX = 999_999_999;
const SESSION_TIMEOUT_MS = 60_000;
/** What a broker takes, unless it is told otherwise. */
const SESSION_TIMEOUT_BOUNDS = [6_000, 1_800_000] as const;

export interface Options extends Omit<KafkaSettings, 'connection'>, TargetOptions {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly messagesMax: number;
  readonly idleMsMax: number;
  readonly flushIntervalS: number;
}

type Given = ReturnType<typeof readArguments>;

/** @throws {UserError} */
export function readOptions(env: Environment): Options {
  const given = readArguments(
    USAGE,
    {
      ...{ brokers: 'string', 'max-messages': 'string', timeout: 'string', 'data-dir': 'string' },
      ...{ invoke: 'string', stack: 'string', 'function-prefix': 'string', reports: 'boolean' },
    },
    false,
  );
  const brokers = given.text.brokers || env.KAFKA_BOOTSTRAP_SERVERS || env.KAFKA_BROKERS;
  if (!brokers) throw new UserError(`No broker given. Usage: ${USAGE}`);
  const tables = env.KAFKA_TOPICS || Object.values(SAMPLE_TOPICS).join();
  const bound = (name: string) => {
    const number = given.text[name];
    return number ? readWholeNumber(`--${name}`, number, 1, NUMBER_MAX) : Number.POSITIVE_INFINITY;
  };
  return {
    brokers: listOf(brokers),
    security: readKafkaSecurity(env),
    groupId: env.KAFKA_GROUP_ID || env.KAFKA_CONSUMER_GROUP || 'analytics-service-group',
    topics: [...new Set([...listOf(tables), readOutcomesTopic(env)])],
    sessionTimeoutMs: readSessionTimeout(env),
    deployed: readDeployed(given),
    dataDir: given.text['data-dir'] ?? DATA_DIR,
    messagesMax: bound('max-messages'),
    idleMsMax: bound('timeout'),
    flushIntervalS: readFlushInterval(env),
  };
}

function readDeployed({ text, flags }: Given): DeployedOptions | undefined {
  const { invoke, stack, 'function-prefix': prefix } = text;
  if (invoke === undefined) {
    const names = [stack && '--stack', prefix && '--function-prefix', flags.reports && '--reports'];
    const misplaced = names.find(Boolean);
    if (misplaced) throw new UserError(`${misplaced} belongs to --invoke lambda.`);
    return undefined;
  }
  if (invoke !== 'lambda') {
    throw new UserError(
      `--invoke must be "lambda", not "${invoke}"; without it the functions run here.`,
    );
  }
  if (text['data-dir'] !== undefined) {
    throw new UserError('--data-dir belongs to functions that run here, not to --invoke lambda.');
  }
  if (stack !== undefined && prefix !== undefined) {
    throw new UserError('--stack and --function-prefix say the same thing: choose one.');
  }
  return { prefix: prefix ?? `${stack ?? STACK}-`, withReports: flags.reports === true };
}

function readSessionTimeout(env: Environment): number {
  const text = env.KAFKA_SESSION_TIMEOUT_MS;
  if (!text) return SESSION_TIMEOUT_MS;
  return readWholeNumber('KAFKA_SESSION_TIMEOUT_MS', text, ...SESSION_TIMEOUT_BOUNDS);
}
