// What is produced to Kafka beside Debezium: auction outcomes, and poison in all topics. Each record
// carries its own name, so that what was acknowledged can be looked for in the topic.
import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import { nextOutcome, openAuctions } from '../../local/sample/auctions.ts';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import { makeRandom } from '../support/random.ts';
import { SHOP_TOPICS } from './shop.ts';
import { PARTITIONS } from './topics.ts';

export const NAME_HEADER = 'name';
export const POISON_HEADER = 'poison';

const BATCH_MAX = 12;
const PAUSE_MS = 300;
const POISON_SHARE = 0.03;
const DAYS = 40;
const FIRST_DAY_MS = Date.UTC(2025, 10, 1);
const DAY_MS = 86_400_000;
const POISON = {
  outcomes: [
    '[]',
    '{"win_price":"NaN"}',
    '{"user_id":"\\u0000"}',
    '{"timestamp":"2025-02-30"}',
    '',
  ],
  orders: ['{', '"text"', '{"after":{"id":"one"},"op":"c"}', '\uFFFE', '[1]'],
};

type BytesProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/** Until the signal. Answers the names that Kafka acknowledged. */
export async function produceOutcomes(
  bootstrap: string,
  seed: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const nextMessages = makeMessages(seed);
  const acknowledged = new Set<string>();
  const open = (): BytesProducer =>
    new Producer({ clientId: 'auctions', bootstrapBrokers: [bootstrap], retries: true });
  let producer = open();
  while (!signal.aborted) {
    const messages = nextMessages();
    try {
      await producer.send({ messages, acks: -1 });
      for (const { name } of messages) acknowledged.add(name);
    } catch {
      // Not known whether they are in the topic; the broker was killed.
      await producer.close().catch(() => {});
      producer = open();
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  await producer.close();
  return acknowledged;
}

function makeMessages(seed: number) {
  const random = makeRandom(seed);
  const auctions = openAuctions(seed);
  let count = 0;

  function nextMessage() {
    count += 1;
    const name = `record-${count}`;
    if (random.chance(POISON_SHARE)) {
      const isOutcome = random.chance(0.5);
      return {
        topic: isOutcome ? OUTCOMES_TOPIC : random.pick(SHOP_TOPICS),
        partition: random.below(PARTITIONS),
        ...{ name, headers: headers({ [NAME_HEADER]: name, [POISON_HEADER]: 'yes' }) },
        value: Buffer.from(random.pick(POISON[isOutcome ? 'outcomes' : 'orders'])),
      };
    }
    const outcome = nextOutcome(auctions, FIRST_DAY_MS + random.below(DAYS * DAY_MS));
    return {
      topic: OUTCOMES_TOPIC,
      key: Buffer.from(outcome.user_id),
      ...{ name, headers: headers({ [NAME_HEADER]: name }) },
      value: Buffer.from(JSON.stringify(outcome)),
    };
  }
  return () => Array.from({ length: 1 + random.below(BATCH_MAX) }, nextMessage);
}

function headers(entries: Record<string, string>): Map<Buffer, Buffer> {
  return new Map(
    Object.entries(entries).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
  );
}
