// Records to the functions, as the event source mapping delivers them.
import {
  EventSourceMapping,
  type MappingOptions,
} from '../../local/stream/event-source-mapping.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';

export async function deliver(
  invoke: MappingOptions['invoke'],
  records: readonly RawRecord[],
  batchSize: number,
): Promise<void> {
  const mapping = new EventSourceMapping({
    ...{ invoke, batchSize, attemptsMax: 1 },
    routes: routeTopics(OUTCOMES_TOPIC),
    onRetry: (failure) => process.stderr.write(`${failure}\n`),
    onDelivered: () => {},
  });
  for (const record of records) await mapping.push(record);
  await mapping.flush();
}
