// The functions that run by themselves, by Lambda's own metrics. How long something may go on depends on who tries
// again: pollers repeat a batch until it succeeds, nobody repeats a report run or a request. The operators' own
// function has none: whoever asks it is told.
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../../functions/contracts.ts';
import type { ServiceFunction } from '../service-function.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { FIVE_MINUTES } from './service-metrics.ts';

interface Patience {
  /** Periods of five minutes with a failure in each. */
  readonly failing: number;
  readonly throttled: number;
  /** What the failures are when there was no invocation. */
  readonly quiet: TreatMissingData;
  readonly runbook: string;
}

/** A batch that fails once and then succeeds counts once: nobody need look. */
const STREAM = {
  failing: 2,
  throttled: 3,
  quiet: TreatMissingData.NOT_BREACHING,
  runbook: 'function-failing',
};
const REQUEST = { ...STREAM, failing: 1, throttled: 1 };
/** It has failed until it succeeds, however long the next run is away. */
const SCHEDULED = { ...REQUEST, quiet: TreatMissingData.IGNORE };
const PATIENCE: Partial<Record<FunctionName, Patience>> = {
  'aggregate-orders': STREAM,
  'record-outcomes': STREAM,
  'materialize-reports': SCHEDULED,
  'serve-api': REQUEST,
  'migrate-database': { ...SCHEDULED, runbook: 'upkeep-failed' },
};
/** Of the timeout. For the API this is 23 seconds: PostgreSQL ends its statements after 20. */
const SLOW_SHARE = 0.8;
const UPKEEP_MISSED_DAYS = 2;

export function functionAlarms(functions: readonly ServiceFunction[]): AlarmDefinition[] {
  return functions.flatMap((one) => {
    const patience = PATIENCE[one.name];
    return patience ? [failing(one, patience), throttled(one, patience), slow(one)] : [];
  });
}

const above = {
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  tellsRecovery: true,
};

function failing({ name, lambda }: ServiceFunction, patience: Patience): AlarmDefinition {
  return {
    ...above,
    name: `failing-${name}`,
    meaning: `Invocations of ${name} fail.`,
    runbook: patience.runbook,
    missing: patience.quiet,
    metric: lambda.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' }),
    threshold: 0,
    periods: patience.failing,
  };
}

function throttled({ name, lambda }: ServiceFunction, patience: Patience): AlarmDefinition {
  return {
    ...above,
    name: `throttled-${name}`,
    meaning: `Lambda refuses invocations of ${name}: its concurrency, or the account's, is used up.`,
    runbook: 'function-throttled',
    metric: lambda.metricThrottles({ period: FIVE_MINUTES, statistic: 'Sum' }),
    threshold: 0,
    periods: patience.throttled,
  };
}

function slow({ name, lambda, timeout }: ServiceFunction): AlarmDefinition {
  return {
    ...above,
    name: `slow-${name}`,
    meaning: `${name} takes more than ${SLOW_SHARE * 100}% of its timeout.`,
    runbook: 'function-slow',
    metric: lambda.metricDuration({ period: FIVE_MINUTES, statistic: 'Maximum' }),
    threshold: SLOW_SHARE * timeout.toMilliseconds(),
    periods: 1,
  };
}

/** Without it no partitions are made ahead and none are dropped, and nothing else would tell. */
export function upkeepAlarms({ lambda }: ServiceFunction): AlarmDefinition[] {
  return [
    {
      name: 'upkeep-missed',
      meaning: 'The daily upkeep of the database has not run for two days.',
      runbook: 'upkeep-missed',
      metric: lambda.metricInvocations({ period: Duration.days(1), statistic: 'Sum' }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: UPKEEP_MISSED_DAYS,
      missing: TreatMissingData.BREACHING,
      tellsRecovery: true,
    },
  ];
}
