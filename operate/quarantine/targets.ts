// Where records are sent again: a Kafka cluster, or the topics of the one-machine runner.
import { isUtf8 } from 'node:buffer';
import { Producer } from '@platformatic/kafka';
import { splitStream } from '../../functions/kafka/stream.ts';
import { makeKafkaTarget } from '../../functions/operate/quarantine/kafka-target.ts';
import type { OutgoingRecord, Target } from '../../functions/operate/quarantine/redrive.ts';
import { makeSegmentStore } from '../../functions/orders/segments/segment-store.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { SAMPLE_TOPICS } from '../../local/sample/debezium-event.ts';
import { UserError } from '../../local/shared/user-error.ts';
import type { Stores } from '../../local/stores/open-stores.ts';
import type { KafkaConnection } from '../../local/stream/kafka-connection.ts';
import { explainFailure } from '../../local/stream/kafka-failure.ts';
import { listTopics } from '../../local/stream/kafka-source.ts';
import { type NewRecord, PartitionLog } from '../../local/stream/partition-log.ts';
import { Positions } from '../../local/stream/positions.ts';
import { watchRefusal } from '../../local/stream/refusal-watch.ts';
import { readOutcomesTopic } from '../../local/stream/routes.ts';
import { PARTITIONS } from '../../local/stream/topics.ts';

/** @throws {UserError} when no broker answers or one refuses, and at a record whose topic is not there. */
export async function openKafkaTarget(connection: KafkaConnection): Promise<Target> {
  const topics = await listTopics(connection);
  const { unlessRefused, retryDelay } = watchRefusal();
  const producer: Producer<Buffer, Buffer, Buffer, Buffer> = new Producer({
    ...connection,
    clientId: 'analytics-service-redrive',
    retryDelay,
  });
  const explained = <T>(work: Promise<T>) =>
    unlessRefused(work).catch((error: unknown): never => {
      throw explainFailure(error, connection);
    });
  return makeKafkaTarget({ producer, topics, explained });
}

/** @throws {UserError} while `npm start` runs: it alone appends to its topics then. */
export async function openFileTarget(stores: Stores, sql: Sql | undefined): Promise<Target> {
  const { paths } = stores;
  if (!stores.owned) {
    throw new UserError(
      `${paths.root} is in use by "npm start". Stop it, redrive, start it again.`,
    );
  }
  const positions = await Positions.open(paths.positions);
  const topics: string[] = [...Object.values(SAMPLE_TOPICS), readOutcomesTopic(process.env)];
  const logs = new Map<string, PartitionLog>();
  async function logOf(topic: string, partition: number): Promise<PartitionLog> {
    const name = `${topic}-${partition}`;
    const open = logs.get(name);
    if (open) return open;
    if (!topics.includes(topic) || partition >= PARTITIONS) {
      throw new UserError(`The runner has no partition ${partition} of ${topic}: use --brokers.`);
    }
    const begun = await lastOffset(stores, sql, topic, partition);
    const next = [positions.next(topic, partition), begun + 1n].reduce((a, b) => (a > b ? a : b));
    const log = new PartitionLog(paths.topics, topic, partition, next);
    logs.set(name, log);
    return log;
  }
  return {
    async send(records) {
      const lines = records.map(toFileRecord);
      for (const [index, { topic, partition }] of records.entries()) {
        const line = lines[index];
        if (line) (await logOf(topic, partition)).append([line]);
      }
    },
    close: async () => {},
  };
}

/** What a replay brought in without any log: offsets go on behind it. */
async function lastOffset(
  { dynamodb, table }: Stores,
  sql: Sql | undefined,
  topic: string,
  partition: number,
): Promise<bigint> {
  const segments = makeSegmentStore(makeTable(dynamodb, table));
  const streams = [...(await segments.streams()).keys()].filter((stream) => {
    const place = splitStream(stream);
    return place.topic === topic && place.partition === partition;
  });
  const tails = await Promise.all(streams.map((stream) => segments.tail(stream)));
  const [position] = sql
    ? await sql<{ last: string | null }>`
        select max(last_offset)::text as last from stream_positions
        where kafka_topic = ${topic} and kafka_partition = ${partition}`
    : [];
  const offsets = [...tails.flatMap(({ to, ended }) => [to, ended]), BigInt(position?.last ?? -1)];
  return offsets.reduce((a, b) => (a > b ? a : b));
}

function toFileRecord({ topic, timestamp, key, value, headers }: OutgoingRecord): NewRecord {
  const toText = (bytes: Buffer | null) => {
    if (bytes === null) return null;
    if (isUtf8(bytes)) return bytes.toString('utf8');
    throw new UserError(
      `A record of ${topic} is not UTF-8 text: the runner's topics hold text only.`,
    );
  };
  return {
    timestamp,
    key: toText(key),
    value: toText(value),
    headers: headers.map((header) => [header.name, toText(header.value)] as const),
  };
}
