// Aggregates → reports in Lambda: the function of orders/materialize-reports.ts with the real clients.
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { makeMaterializeReports } from '../orders/materialize-reports.ts';
import { makeHost } from '../platform/host.ts';

const host = makeHost('materialize-reports', process.env);

export const handler = middy(makeMaterializeReports(host)).use(logMetrics(host.metrics));
