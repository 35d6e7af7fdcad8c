// Which function consumes a topic. Pure.
import { type FunctionName, TOPIC_NAME } from '../../functions/contracts.ts';
import type { Environment } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';

export const OUTCOMES_TOPIC = 'auction_outcomes';

const OUTCOMES_FUNCTION: FunctionName = 'record-outcomes';
/** It quarantines what is of neither table, and counts it. */
const FUNCTION_OF_OTHERS: FunctionName = 'aggregate-orders';

/** By the last segment of the topic's name, which Debezium gives the table's name. */
const FUNCTION_BY_TABLE: Readonly<Record<string, FunctionName>> = {
  orders: 'aggregate-orders',
  order_items: 'aggregate-orders',
  [OUTCOMES_TOPIC]: OUTCOMES_FUNCTION,
};

export type Routes = (topic: string) => FunctionName;

/** @param outcomesTopic what the outcomes' topic is called here. */
export function routeTopics(outcomesTopic: string): Routes {
  return (topic) => {
    if (topic === outcomesTopic) return OUTCOMES_FUNCTION;
    return FUNCTION_BY_TABLE[topic.slice(topic.lastIndexOf('.') + 1)] ?? FUNCTION_OF_OTHERS;
  };
}

/** What the outcomes' topic is called here. */
export function readOutcomesTopic(env: Environment): string {
  const topic = env.KAFKA_TOPIC_AUCTION_OUTCOMES || OUTCOMES_TOPIC;
  if (TOPIC_NAME.test(topic)) return topic;
  throw new UserError(`KAFKA_TOPIC_AUCTION_OUTCOMES must be the name of a topic, not "${topic}".`);
}
