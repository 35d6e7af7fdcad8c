// List prices of us-east-1 in US dollars, without reservations, free tiers and discounts, as others quoted them in 2026; those of MSK,
// API Gateway and CloudWatch are older. AWS's own pages decide; another region's are put here.

export const PRICES = {
  dynamodb: { millionWrites: 0.625, millionReads: 0.125, gbMonth: 0.25, backupGbMonth: 0.2 },
  /** ARM. */
  lambda: { millionRequests: 0.2, gbSecond: 0.0000133334, pollerUnitHour: 0.185 },
  serverlessKafka: {
    clusterHour: 0.75,
    partitionHour: 0.0015,
    gbIn: 0.1,
    gbOut: 0.05,
    gbMonth: 0.1,
  },
  /** kafka.m7g.large. */
  brokers: { hour: 0.204, gbMonth: 0.1 },
  /** db.t4g.medium in one zone, gp3. */
  database: { hour: 0.065, gbMonth: 0.115, backupGbMonth: 0.095, proxyVcpuHour: 0.015 },
  /** What AWS Backup takes for its own. */
  backup: { tableGbMonth: 0.1, databaseGbMonth: 0.095 },
  network: { endpointHour: 0.01, endpointGb: 0.01 },
  s3: { thousandPuts: 0.005, gbMonth: 0.023 },
  cloudwatch: { logsGb: 0.5, metric: 0.3, alarm: 0.1, dashboard: 3 },
  apiGateway: { millionRequests: 3.5, gbOut: 0.09 },
} as const;

export const HOURS_A_MONTH = 730;
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600;
