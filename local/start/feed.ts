// What `npm start` is fed by: the local topics with the sample in them, or the topics of a real Kafka cluster. Each
// topic goes its own way, as with Lambda's mappings.
import type { ClusterOptions } from '../consume/consume-options.ts';
import { holdAuctions, readAuctions } from '../sample/auction-traffic.ts';
import { SAMPLE_TOPICS } from '../sample/debezium-event.ts';
import { readShop, trade } from '../sample/traffic.ts';
import type { DataPaths } from '../stores/data-directory.ts';
import { EventSourceMapping, type MappingOptions } from '../stream/event-source-mapping.ts';
import { openCluster } from '../stream/kafka-cluster.ts';
import type { KafkaSource } from '../stream/kafka-source.ts';
import { pumpTopics } from '../stream/kafka-topics.ts';
import { BATCH_RECORDS_MAX } from '../stream/msk-event.ts';
import { poll } from '../stream/poller.ts';
import { Positions } from '../stream/positions.ts';
import { LocalTopics } from '../stream/topics.ts';

export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Of the record that is read next, and of the one that will be written next. */
  readonly next: bigint;
  readonly end: bigint;
}

export interface Feed {
  readonly topics: readonly string[];
  /** One line for the person at the terminal. */
  readonly description: string;
  /** Records not yet consumed; undefined where only the cluster knows. */
  lag(): number | undefined;
  /** How far each partition is read, where the topics are on this machine. */
  partitions(): readonly PartitionState[];
  /** Until the signal; the batches in hand are finished first. */
  run(delivery: DeliveryOptions): Promise<void>;
}

export interface DeliveryOptions
  extends Pick<MappingOptions, 'routes' | 'invoke' | 'onDelivered' | 'onRetry'> {
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

const UNBOUNDED = { batchSize: BATCH_RECORDS_MAX, attemptsMax: Number.POSITIVE_INFINITY };

export async function openLocalFeed(
  paths: DataPaths,
  outcomesTopic: string,
  hasSample: boolean,
): Promise<Feed> {
  const positions = await Positions.open(paths.positions);
  const names = [...Object.values(SAMPLE_TOPICS), outcomesTopic];
  const topics = new LocalTopics(paths.topics, names, positions);
  return {
    topics: names,
    description: hasSample
      ? 'a sample shop, about 5 events a second, and 2 auction outcomes'
      : 'none',
    lag: () => topics.lag(),
    partitions: () =>
      topics.logs.map((log) => ({
        ...{ topic: log.topic, partition: log.partition },
        next: topics.next(log),
        end: log.nextOffset,
      })),
    async run({ tell: _tell, onDelivered, ...options }) {
      const { signal } = options;
      const makeMapping = () =>
        new EventSourceMapping({
          ...options,
          ...UNBOUNDED,
          onDelivered: async (delivery) => {
            await topics.commit(delivery.topic, delivery.lastOffsets);
            await onDelivered(delivery);
          },
        });
      const { shop, auctions } = paths;
      await Promise.all([
        hasSample && trade(shop, await readShop(shop), topics, signal),
        hasSample &&
          holdAuctions(auctions, await readAuctions(auctions), topics, outcomesTopic, signal),
        poll(topics, makeMapping, signal),
      ]);
    },
  };
}

/** @throws {UserError} when the cluster does not answer, refuses, or has none of the topics. */
export async function openKafkaFeed(
  cluster: ClusterOptions,
  tell: (line: string) => void,
): Promise<Feed> {
  const { connection, topics } = await openCluster(cluster, tell);
  return {
    topics,
    description: `Kafka at ${cluster.brokers.join(', ')}: ${topics.join(', ')}`,
    lag: () => undefined,
    partitions: () => [],
    async run({ signal, tell: tellLater, onDelivered, ...options }) {
      const makeMapping = (source: KafkaSource, ended: AbortSignal) =>
        new EventSourceMapping({
          ...options,
          ...UNBOUNDED,
          signal: ended,
          onDelivered: async (delivery) => {
            await onDelivered(delivery);
            // What is applied and not committed comes again, and is skipped then.
            await source.commit(delivery.topic, delivery.lastOffsets).catch((error: unknown) => {
              const reason = error instanceof Error ? error.message : String(error);
              tellLater(`No commit of ${delivery.topic} this time: ${reason}`);
            });
          },
        });
      const unbounded = Number.POSITIVE_INFINITY;
      const bounds = { messagesMax: unbounded, idleMsMax: unbounded, signal };
      await pumpTopics({ ...cluster, connection, topics }, bounds, makeMapping);
    },
  };
}
