// Which member of a consumer group gets which partitions: in turn, among those that read the topic. The client's own
// assigner gives a topic to members that do not read it. Pure.
import type { Consumer } from '@platformatic/kafka';

type Options = NonNullable<ConstructorParameters<typeof Consumer>[0]>;
type Assigner = NonNullable<Extract<Options, { partitionAssigner?: unknown }>['partitionAssigner']>;

export const assignPartitions: Assigner = (_leader, members, _topics, metadata) => {
  const assigned = [...members.keys()].sort().map((memberId) => ({
    memberId,
    assignments: new Map<string, { topic: string; partitions: number[] }>(),
  }));
  for (const [topic, { partitionsCount }] of metadata.topics) {
    const readers = assigned.filter(({ memberId }) =>
      members.get(memberId)?.topics?.includes(topic),
    );
    for (const [index, { assignments }] of readers.entries()) {
      const partitions = Array.from({ length: partitionsCount }, (_, partition) => partition);
      const own = partitions.filter((partition) => partition % readers.length === index);
      if (own.length > 0) assignments.set(topic, { topic, partitions: own });
    }
  }
  return assigned;
};
