// A new database, by RDS's own metrics; an existing one has its own alarms elsewhere.
import { Size } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { DatabaseSettings } from '../settings/database-settings.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { connectionsMax } from './database-connections.ts';
import { FIVE_MINUTES } from './service-metrics.ts';

/** RDS adds storage when a tenth is free: below half of that it did not, or may not. */
const FREE_STORAGE_SHARE = 0.05;
const CONNECTIONS_SHARE = 0.8;
const CPU_PERCENT = 80;
const BUSY_PERIODS = 3;
/** PostgreSQL freezes old rows from 200 million on and stops writing at 2,147 million. */
const TRANSACTION_IDS_MAX = 1_000_000_000;

export function databaseAlarms(
  instance: DatabaseInstance,
  settings: Extract<DatabaseSettings, { kind: 'new' }>,
): AlarmDefinition[] {
  const lasting = {
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    periods: BUSY_PERIODS,
    missing: TreatMissingData.NOT_BREACHING,
    tellsRecovery: true,
  };
  const maximum = { statistic: 'Maximum', period: FIVE_MINUTES };
  return [
    {
      ...lasting,
      name: 'database-storage',
      meaning: 'The database is nearly full, and RDS has not added storage.',
      runbook: 'database-storage',
      metric: instance.metricFreeStorageSpace({ statistic: 'Minimum', period: FIVE_MINUTES }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: FREE_STORAGE_SHARE * Size.gibibytes(settings.storageGiB).toBytes(),
      // A database that is down measures nothing.
      missing: TreatMissingData.BREACHING,
    },
    {
      ...lasting,
      name: 'database-connections',
      meaning: `More than ${CONNECTIONS_SHARE * 100}% of the database's connections are taken.`,
      runbook: 'database-connections',
      metric: instance.metricDatabaseConnections(maximum),
      threshold: Math.floor(CONNECTIONS_SHARE * connectionsMax(settings.instanceClass)),
    },
    {
      ...lasting,
      name: 'database-cpu',
      meaning: `The database has been above ${CPU_PERCENT}% of its processors for 15 minutes.`,
      runbook: 'database-cpu',
      metric: instance.metricCPUUtilization({ statistic: 'Average', period: FIVE_MINUTES }),
      threshold: CPU_PERCENT,
    },
    {
      ...lasting,
      name: 'database-transaction-ids',
      meaning:
        'Vacuum does not keep up: PostgreSQL will refuse writes when its transaction ids run out.',
      runbook: 'database-transaction-ids',
      metric: instance.metric('MaximumUsedTransactionIDs', maximum),
      threshold: TRANSACTION_IDS_MAX,
    },
  ];
}
