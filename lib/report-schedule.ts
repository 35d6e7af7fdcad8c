// What happens by the clock: a report run each flush interval, and once a day the upkeep of the
// database, which makes partitions ahead and drops those that are too old.
import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, type ScheduleProps } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

const UPKEEP_HOUR_UTC = '3';
/** What fails comes again with the next run, so an old event is worth nothing. */
const NO_SECOND_TRY = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

export interface ReportScheduleProps {
  readonly reports: ServiceFunction;
  readonly upkeep: ServiceFunction;
  readonly flushInterval: Duration;
}

export class ReportSchedule extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { reports, upkeep, flushInterval }: ReportScheduleProps,
  ) {
    super(scope, id);
    const every = ScheduleExpression.rate(flushInterval);
    this.#schedule('Reports', reports, every, 'Writes the five reports');
    const daily = ScheduleExpression.cron({ hour: UPKEEP_HOUR_UTC, minute: '0' });
    this.#schedule(
      'Upkeep',
      upkeep,
      daily,
      'Makes partitions ahead and drops those past retention',
    );
  }

  #schedule(
    id: string,
    target: ServiceFunction,
    schedule: ScheduleProps['schedule'],
    description: string,
  ): void {
    const invoke = new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [target.lambda.functionArn],
    });
    const role = new Role(this, `${id}Role`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
      inlinePolicies: { Invoke: new PolicyDocument({ statements: [invoke] }) },
    });
    target.lambda.configureAsyncInvoke(NO_SECOND_TRY);
    new Schedule(this, id, {
      schedule,
      description,
      target: new LambdaInvoke(target.lambda, {
        // Its own grant would be for every version of the function, too.
        role: role.withoutPolicyUpdates(),
        ...NO_SECOND_TRY,
      }),
    });
  }
}
