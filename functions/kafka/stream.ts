// What a position belongs to: a partition of a topic, as long as the topic is the same one. Pure.

/** Nothing less is a position's identity: other topics, and the same one made anew, count from 0 as well. */
export function streamName(epoch: string, topic: string, partition: number): string {
  return `${epoch}:${topic}:${partition}`;
}

export function splitStream(stream: string): { epoch: string; topic: string; partition: number } {
  const [epoch = '', topic = '', partition = ''] = stream.split(':');
  return { epoch, topic, partition: Number(partition) };
}
