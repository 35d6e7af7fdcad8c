// Which function consumes a topic. Pure.
import type { FunctionName } from '../../functions/contracts.ts';

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
