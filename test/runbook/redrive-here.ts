// The operators' function in this process, where the certificates of the test's broker are known, and the way of
// what the broker took back into the stream.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ENV } from '../../functions/contracts.ts';
import { makeOperate } from '../../functions/operate/operate.ts';
import { openMskTarget } from '../../functions/operate/quarantine/msk-target.ts';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import type { DeployedStack } from '../support/deployed-stack.ts';
import { type Broker, type Sent, startBroker } from '../support/kafka-broker.ts';
import type { Answer, Invocation } from '../support/lambda-endpoint.ts';

const AUTHORITY = join(import.meta.dirname, '..', 'fixtures', 'tls', 'authority.crt');
const REMAINING_MS = 900_000;

export interface Redriving {
  readonly broker: Broker;
  /** For redrives alone; the stack's own function answers the rest. */
  answer(stack: DeployedStack | undefined, invocation: Invocation): Promise<Answer | undefined>;
  close(): Promise<void>;
}

export async function startRedriving(topics: Readonly<Record<string, number>>): Promise<Redriving> {
  const known = getCACertificates('default');
  setDefaultCACertificates([...known, readFileSync(AUTHORITY, 'utf8')]);
  const broker = await startBroker({ topics, accepts: () => true });
  return {
    broker,
    answer: async (stack, { event }) => {
      const request = JSON.parse(event);
      if (!stack || request.command !== 'redrive') return undefined;
      const { table, bucket, s3, dynamodb: dynamoDb } = stack.stores;
      const operate = makeOperate({
        ...{ s3, dynamoDb, sql: stack.sql, sleep, now: Date.now, openTarget: openMskTarget },
        env: {
          ...{ [ENV.aggregatesTable]: table, [ENV.bucket]: bucket },
          [ENV.outcomesTopic]: OUTCOMES_TOPIC,
        },
      });
      return { kind: 'answer', payload: await operate(request, REMAINING_MS) };
    },
    close: async () => {
      setDefaultCACertificates(known);
      await broker.close();
    },
  };
}

/** What the broker took, at the next places of its partitions. */
export function toLines(sent: Sent[], nextOffset: (partition: number) => number): string[] {
  return sent.splice(0).map(({ headers, ...record }) =>
    JSON.stringify({
      ...{ ...record, offset: nextOffset(record.partition) },
      headers: Object.entries(headers).map(([name, value]) => ({ [name]: value })),
    }),
  );
}
