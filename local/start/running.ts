// A running service: its parts, and what it says of itself.
import { realpathSync } from 'node:fs';
import { ENV, reportKey } from '../../functions/contracts.ts';
import type { Progress } from '../service/progress.ts';
import type { Service } from '../service/service.ts';
import type { Terminal } from '../shared/terminal.ts';
import type { Feed } from './feed.ts';

export interface Running {
  readonly port: number;
  readonly service: Service;
  readonly feed: Feed;
  readonly progress: Progress;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export function stateOf({ port, service, feed, progress }: Running): object {
  const { stores, reports } = service;
  return {
    data_directory: stores?.paths.root ?? null,
    endpoints: stores ? { ...stores.endpoints, postgres: port + 3 } : null,
    table: stores?.table ?? process.env[ENV.aggregatesTable],
    bucket: reports.bucket,
    topics: feed.topics,
    ...progress.counts,
    outcomes: progress.outcomes,
    lag: feed.lag() ?? null,
    newest_report: progress.newestReport?.generatedAt ?? null,
  };
}

export function openingLines(running: Running, reportPrefix: string): string[] {
  const { port, service, feed } = running;
  const front = `http://127.0.0.1:${port}`;
  const newest = reportKey(reportPrefix, 'summary', 'latest');
  return [
    '',
    `  service   ${front}`,
    ...storeLines(running),
    `  traffic   ${feed.description}`,
    '',
    `  outcomes        curl ${front}/api/outcomes/`,
    `  what is wrong   curl ${front}/api/pipeline/`,
    `  newest report   curl ${front}/${newest}`,
    ...(service.stores
      ? [`  its file        ${service.stores.paths.s3}/${service.stores.bucket}/${newest}`]
      : []),
    '  stop            Ctrl-C (a last report is written)',
    '',
  ];
}

function storeLines({ port, service }: Running): string[] {
  const { stores, reports, hasOwnDatabase } = service;
  const { env } = process;
  const own = `${env[ENV.dbHost]}:${env[ENV.dbPort] || 5432}  your own`;
  const isAws = reports !== stores;
  const aggregates = isAws
    ? [`  AWS       table ${env[ENV.aggregatesTable]}, bucket ${reports.bucket}`]
    : [
        `  DynamoDB  ${stores?.endpoints.dynamodb}  table ${stores?.table}`,
        `  S3        ${stores?.endpoints.s3}  bucket ${stores?.bucket}`,
      ];
  if (!stores) return [...aggregates, `  Postgres  ${own}`];
  const { paths, database } = stores;
  if (hasOwnDatabase) return [...aggregates, `  Postgres  ${own}`, `  data      ${paths.root}`];
  const files = realpathSync(paths.postgres);
  return [
    ...aggregates,
    `  Postgres  127.0.0.1:${port + 3}  database ${database}, password in ${paths.pgpass}`,
    `  data      ${paths.root}`,
    ...(files === paths.postgres
      ? []
      : [`            ${files} (PostgreSQL, run by another account)`]),
  ];
}
