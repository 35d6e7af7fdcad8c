// The cluster of the stack, from beside it: MSK's IAM by a token that the operator's command has signed, so that
// the records are sent in the operator's name, and the function itself may write to no topic.
import type { Producer, SASLOptions } from '@platformatic/kafka';
import { Refusal } from '../refusal.ts';
import { makeKafkaTarget } from './kafka-target.ts';
import type { Target } from './redrive.ts';

const CLIENT_ID = 'analytics-service-redrive';
const CONNECT_TIMEOUT_MS = 10_000;
/** After the first, each a second later. */
const RETRIES = 2;
const RETRY_DELAY_MS = 1_000;
const REASON_MAX = 300;

export interface MskPlace {
  readonly brokers: readonly string[];
  readonly token: string;
}

/** @throws {Refusal} when no broker answers, or one refuses. */
export async function openMskTarget({ brokers, token }: MskPlace): Promise<Target> {
  const { Admin, Producer: KafkaProducer } = await import('@platformatic/kafka');
  const options = {
    clientId: CLIENT_ID,
    bootstrapBrokers: [...brokers],
    // Said here, so that no variable of Node's can turn it off.
    tls: { rejectUnauthorized: true },
    tlsServerName: true,
    sasl: loginBy(token),
    connectTimeout: CONNECT_TIMEOUT_MS,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
  };
  const explained = <T>(work: Promise<T>) =>
    work.catch((error: unknown): never => {
      throw new Refusal(
        `Kafka at ${brokers.join(', ')} failed as the function spoke to it: ${reasonOf(error)}. The command's ` +
          'credentials must be allowed kafka-cluster:Connect, DescribeTopic and WriteData.',
      );
    });
  const admin = new Admin(options);
  const names = await explained(admin.listTopics()).finally(() => admin.close());
  const producer: Producer<Buffer, Buffer, Buffer, Buffer> = new KafkaProducer(options);
  return makeKafkaTarget({ producer, topics: new Set(names), explained });
}

function loginBy(token: string): SASLOptions {
  return {
    mechanism: 'OAUTHBEARER',
    token,
    // A broker that takes the token says nothing.
    authBytesValidator: (answer, callback) => {
      const text = answer?.toString().slice(0, REASON_MAX);
      if (text) callback(new Error(text));
      else callback(null, answer);
    },
  };
}

/** The deepest that says something: what is above it says that it failed. */
function reasonOf(error: unknown): string {
  const said: string[] = [];
  const visit = (one: unknown): void => {
    if (!(one instanceof Error)) return;
    const byServer = 'serverErrorMessage' in one ? one.serverErrorMessage : undefined;
    if (byServer || one.message) said.push(String(byServer ?? one.message));
    if (one instanceof AggregateError) for (const inner of one.errors) visit(inner);
    visit(one.cause);
  };
  visit(error);
  const reason = (said.at(-1) ?? String(error)).replaceAll(/\s+/g, ' ').trim();
  return reason.slice(0, REASON_MAX).replace(/\.$/, '');
}
