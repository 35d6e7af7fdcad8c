// What a position is of. Pure.

/** One partition of one topic, as long as the topic is the same one: no name of Kafka's holds a `:`. */
export function streamName(epoch: string, topic: string, partition: number): string {
  return `${epoch}:${topic}:${partition}`;
}

export function splitStream(stream: string): { epoch: string; topic: string; partition: number } {
  const [epoch = '', topic = '', partition = ''] = stream.split(':');
  return { epoch, topic, partition: Number(partition) };
}
