// What an alarm is, as the lists of this folder say it, and the one place that turns it into CloudWatch's.
import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type ComparisonOperator,
  type IMetric,
  type TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

const RUNBOOK = 'docs/runbook.md';

export interface AlarmDefinition {
  /** Of the stack's alarms this one: the last part of the alarm's name. */
  readonly name: string;
  /** One sentence for whoever is woken by it. */
  readonly meaning: string;
  /** The heading of the runbook as a link has it. */
  readonly runbook: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** So many in a row, each as long as the metric's period. */
  readonly periods: number;
  readonly missing: TreatMissingData;
  /** False where quiet only says that it did not happen again: nothing has been mended. */
  readonly tellsRecovery: boolean;
}

/** @param notify - undefined: nobody is told, somebody asks for its state. */
export function makeAlarm(
  scope: Construct,
  definition: AlarmDefinition,
  notify: ITopic | undefined,
): Alarm {
  const { name, meaning, runbook, periods } = definition;
  const alarm = new Alarm(scope, name, {
    alarmName: `${Stack.of(scope).stackName}-${name}`,
    alarmDescription: `${meaning} Runbook: ${RUNBOOK}#${runbook}`,
    metric: definition.metric,
    comparisonOperator: definition.comparison,
    threshold: definition.threshold,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    treatMissingData: definition.missing,
  });
  if (!notify) return alarm;
  const action = new SnsAction(notify);
  alarm.addAlarmAction(action);
  if (definition.tellsRecovery) alarm.addOkAction(action);
  return alarm;
}
