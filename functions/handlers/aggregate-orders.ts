// Kafka → aggregates in Lambda: the function of orders/aggregate-orders.ts with the real clients.
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { makeAggregateOrders } from '../orders/aggregate-orders.ts';
import { makeHost } from '../platform/host.ts';

const host = makeHost('aggregate-orders', process.env);

export const handler = middy(makeAggregateOrders(host)).use(logMetrics(host.metrics));
