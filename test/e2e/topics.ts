// How far the topics are written and read.
import { Admin } from '@platformatic/kafka';

/** The group of `npm run consume`. */
export const GROUP = 'e2e';
/** Of every topic. */
export const PARTITIONS = 3;

const LATEST = -1n;
const ANSWER_TIMEOUT_MS = 5_000;

export type Progress = ReadonlyMap<string, number>;

export function existingTopics(bootstrap: string): Promise<ReadonlySet<string>> {
  return ask(bootstrap, async (admin) => new Set(await admin.listTopics()));
}

/** By topic: the sum of the positions that the service's group has committed. */
export function committed(bootstrap: string): Promise<Progress> {
  return ask(bootstrap, async (admin) => {
    const groups = await admin.listConsumerGroupOffsets({ groups: [GROUP] });
    const topics = groups.flatMap((group) => group.topics);
    return new Map(
      topics.map(({ name, partitions }) => {
        // -1 where there is none yet.
        const positions = partitions.map((one) => Math.max(0, Number(one.committedOffset)));
        return [name, sum(positions)];
      }),
    );
  });
}

/** By topic: the sum of the positions behind the last records. */
export function ends(bootstrap: string, topics: readonly string[]): Promise<Progress> {
  const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => {
    return { partitionIndex, timestamp: LATEST };
  });
  return ask(bootstrap, async (admin) => {
    const listed = await admin.listOffsets({
      topics: topics.map((name) => ({ name, partitions })),
    });
    return new Map(
      listed.map((topic) => [
        topic.name,
        sum(topic.partitions.map(({ offset }) => Number(offset))),
      ]),
    );
  });
}

export function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}

/** On a connection of its own: the broker may be another process by now. */
async function ask<T>(bootstrap: string, question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({
    ...{ clientId: 'e2e', bootstrapBrokers: [bootstrap] },
    ...{ retries: 0, timeout: ANSWER_TIMEOUT_MS },
  });
  try {
    return await question(admin);
  } finally {
    await admin.close();
  }
}
