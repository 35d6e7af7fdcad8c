// What aggregate-orders is told of the change events: the mappings' topics, and what no record says.
import { ENV } from '../functions/contracts.ts';
import type { Settings } from './settings/settings.ts';

export function decodeEnvironment({ values }: Settings): Record<string, string> {
  return {
    [ENV.ordersTopics]: values.topicOrders.join(),
    [ENV.orderItemsTopics]: values.topicOrderItems.join(),
    ...(values.ordersColumns && { [ENV.ordersColumns]: values.ordersColumns }),
    ...(values.orderItemsColumns && { [ENV.orderItemsColumns]: values.orderItemsColumns }),
    [ENV.decimalHandling]: values.decimalHandling,
    [ENV.decimalScale]: values.decimalScale,
    [ENV.timestampUnit]: values.timestampUnit,
    [ENV.unavailableValue]: values.unavailableValue,
    [ENV.statusLength]: String(values.statusLength),
  };
}
