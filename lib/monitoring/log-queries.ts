// Saved queries of CloudWatch Logs Insights, in the console under the stack's name. The functions log one
// JSON object a line; what the runtime itself logs of a failed invocation is plain text.
import { Stack } from 'aws-cdk-lib';
import { type LogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ServiceFunction } from '../service-function.ts';
import type { ServiceFunctions } from '../service-functions.ts';

interface LogQuery {
  /** With its folder. */
  readonly name: string;
  readonly of: readonly ServiceFunction[];
  readonly query: ConstructorParameters<typeof QueryString>[0];
}

const FAILED_INVOCATION =
  '/Invoke Error|Uncaught Exception|Unhandled Promise Rejection|Task timed out/';
const BATCH = "message = 'batch'";
const REQUEST = "message = 'request'";

/** What was asked of the original service's logs: how many outcomes, which errors, what share succeeded. */
function originalQueries({ recordOutcomes, all }: ServiceFunctions): LogQuery[] {
  return [
    {
      name: 'outcomes/Processed outcomes',
      of: [recordOutcomes],
      query: {
        filterStatements: [BATCH],
        statsStatements: ['sum(records) as read, sum(applied) as saved by bin(1h)'],
      },
    },
    {
      name: 'outcomes/Success rate',
      of: [recordOutcomes],
      query: {
        filterStatements: [BATCH],
        statsStatements: [
          'sum(applied) as saved, sum(skipped) as seen_before, sum(quarantined) as errors, 100 * (1 - sum(quarantined) / sum(records)) as success_percent',
        ],
      },
    },
    {
      name: 'all/Errors',
      of: all,
      query: {
        fields: ['@timestamp', '@log', 'level', 'message', 'error.message', '@message'],
        filterStatements: [`level in ['ERROR', 'CRITICAL'] or @message like ${FAILED_INVOCATION}`],
        sort: '@timestamp desc',
        limit: 200,
      },
    },
  ];
}

function streamQueries({ aggregateOrders, recordOutcomes }: ServiceFunctions): LogQuery[] {
  const streams = [aggregateOrders, recordOutcomes];
  return [
    {
      name: 'streams/Failed batches by reason',
      of: streams,
      query: {
        filterStatements: [`@message like ${FAILED_INVOCATION}`],
        parseStatements: ['@message \'"errorMessage":"*"\' as reason'],
        statsStatements: ['count(*) as failures, max(@timestamp) as last by @log, reason'],
        sort: 'failures desc',
      },
    },
    {
      name: 'streams/Batches with quarantined records',
      of: streams,
      query: {
        fields: ['@timestamp', 'service', 'quarantined', 'records', 'partitions'],
        filterStatements: [`${BATCH} and quarantined > 0`],
        sort: '@timestamp desc',
        limit: 200,
      },
    },
    {
      name: 'streams/Write units per batch',
      of: [aggregateOrders],
      query: {
        filterStatements: [BATCH],
        statsStatements: [
          'count(*) as batches, avg(write_units) as units_a_batch, sum(write_units) / sum(records) as units_a_record by bin(5m)',
        ],
      },
    },
  ];
}

function apiQueries({ serveApi, migrateDatabase }: ServiceFunctions): LogQuery[] {
  return [
    {
      name: 'api/Slowest requests by route',
      of: [serveApi],
      query: {
        filterStatements: [REQUEST],
        statsStatements: [
          'count(*) as requests, pct(duration_ms, 50) as p50, pct(duration_ms, 99) as p99, max(duration_ms) as slowest by route',
        ],
        sort: 'p99 desc',
      },
    },
    {
      name: 'api/Answers by status',
      of: [serveApi],
      query: {
        filterStatements: [REQUEST],
        statsStatements: ['count(*) as requests by status, route'],
        sort: 'requests desc',
      },
    },
    {
      name: 'database/Migrations and upkeep',
      of: [migrateDatabase],
      query: {
        fields: [
          '@timestamp',
          'applied.0',
          'partitions_made.0',
          'partitions_dropped.0',
          '@message',
        ],
        filterStatements: [`message = 'database' or @message like ${FAILED_INVOCATION}`],
        sort: '@timestamp desc',
        limit: 50,
      },
    },
  ];
}

export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, functions: ServiceFunctions) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const queries = [originalQueries, streamQueries, apiQueries].flatMap((list) => list(functions));
    for (const { name, of, query } of queries) {
      new QueryDefinition(this, name.replaceAll('/', ': '), {
        queryDefinitionName: `${stackName}/${name}`,
        queryString: new QueryString(query),
        logGroups: of.map(({ logGroup }): LogGroup => logGroup),
      });
    }
  }
}
