// A cluster before anything is read of it: how it is spoken to, and which of the topics it has.
import { UserError } from '../shared/user-error.ts';
import { connectionTo, type KafkaConnection } from './kafka-connection.ts';
import type { KafkaSecurity } from './kafka-security.ts';
import { listTopics } from './kafka-source.ts';

export type { KafkaConnection };

export interface ClusterPlace {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly topics: readonly string[];
  readonly areTopicsNamed: boolean;
}

/** @throws {UserError} when it does not answer, refuses, or has none of the topics. */
export async function openCluster(
  { brokers, security, topics, areTopicsNamed }: ClusterPlace,
  tell: (line: string) => void,
): Promise<{ connection: KafkaConnection; topics: string[] }> {
  const connection = await connectionTo(brokers, security);
  const known = await listTopics(connection);
  const missing = topics.filter((topic) => !known.has(topic));
  if (missing.length === topics.length) {
    throw new UserError(`The cluster has none of the topics ${topics.join(', ')}.`);
  }
  if (missing.length > 0 && areTopicsNamed) {
    throw new UserError(`The cluster has no topic ${missing.join(', ')}, which --topics names.`);
  }
  if (missing.length > 0) tell(`Not in the cluster, so not read: ${missing.join(', ')}`);
  return { connection, topics: topics.filter((topic) => known.has(topic)) };
}
