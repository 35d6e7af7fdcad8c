// What a reader of a real Kafka cluster is told: by its arguments, else by the environment.

import { SAMPLE_TOPICS } from '../sample/debezium-event.ts';
import { type Environment, listOf, readWholeNumber } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';
import { type KafkaSecurity, readKafkaSecurity } from '../stream/kafka-security.ts';
import type { TopicsSettings } from '../stream/kafka-topics.ts';
import { readOutcomesTopic } from '../stream/routes.ts';
import type { DeployedOptions } from './consume-target.ts';

/** Not the one of the sample, which has topics of the same names. */
export const KAFKA_DATA_DIR = '.data/kafka';

const SESSION_TIMEOUT_MS = 60_000;
/** What a broker takes, unless it is told otherwise. */
const SESSION_TIMEOUT_BOUNDS = [6_000, 1_800_000] as const;

export interface ClusterOptions extends Omit<TopicsSettings, 'connection'> {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  /** Each must be there; else those that are not are named and left out. */
  readonly areTopicsNamed: boolean;
}

interface Given {
  readonly brokers?: string | undefined;
  readonly topics?: string | undefined;
}

/**
 * @returns undefined when no cluster is named.
 * @throws {UserError}
 */
export function readCluster(given: Given, env: Environment): ClusterOptions | undefined {
  if (given.brokers !== undefined && listOf(given.brokers).length === 0) {
    throw new UserError('--brokers names no broker.');
  }
  const brokers = listOf(given.brokers || env.KAFKA_BOOTSTRAP_SERVERS || env.KAFKA_BROKERS || '');
  if (brokers.length === 0) return undefined;
  const tables = env.KAFKA_TOPICS || Object.values(SAMPLE_TOPICS).join();
  const named = given.topics === undefined ? [] : listOf(given.topics);
  if (given.topics !== undefined && named.length === 0) {
    throw new UserError('--topics names no topic.');
  }
  const topics = named.length > 0 ? named : [...listOf(tables), readOutcomesTopic(env)];
  return {
    brokers,
    security: readKafkaSecurity(env),
    groupId: env.KAFKA_GROUP_ID || env.KAFKA_CONSUMER_GROUP || 'analytics-service-group',
    topics: [...new Set(topics)],
    areTopicsNamed: named.length > 0,
    sessionTimeoutMs: readSessionTimeout(env),
  };
}

function readSessionTimeout(env: Environment): number {
  const text = env.KAFKA_SESSION_TIMEOUT_MS;
  if (!text) return SESSION_TIMEOUT_MS;
  return readWholeNumber('KAFKA_SESSION_TIMEOUT_MS', text, ...SESSION_TIMEOUT_BOUNDS);
}

/** What the stack is called when nothing else is said. */
const STACK = 'analytics-service';

interface DeployedGiven {
  readonly invoke?: string | undefined;
  readonly stack?: string | undefined;
  readonly functionPrefix?: string | undefined;
  readonly reports?: true | undefined;
  readonly dataDir?: string | undefined;
}

/** @throws {UserError} */
export function readDeployed(given: DeployedGiven): DeployedOptions | undefined {
  const { invoke, stack, functionPrefix: prefix, reports, dataDir } = given;
  if (invoke === undefined) {
    const names = [stack && '--stack', prefix && '--function-prefix', reports && '--reports'];
    const misplaced = names.find(Boolean);
    if (misplaced) throw new UserError(`${misplaced} belongs to --invoke lambda.`);
    return undefined;
  }
  if (invoke !== 'lambda') {
    throw new UserError(
      `--invoke must be "lambda", not "${invoke}"; without it the functions run here.`,
    );
  }
  if (dataDir !== undefined) {
    throw new UserError('--data-dir belongs to functions that run here, not to --invoke lambda.');
  }
  if (stack !== undefined && prefix !== undefined) {
    throw new UserError('--stack and --function-prefix say the same thing: choose one.');
  }
  return { prefix: prefix ?? `${stack ?? STACK}-`, withReports: reports === true };
}
