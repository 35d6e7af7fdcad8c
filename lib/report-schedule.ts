// What happens by the clock: a report run each flush interval, and once a day the upkeep of the
// database, which makes partitions ahead and drops those that are too old. Rules of EventBridge rather
// than its Scheduler: they fire in LocalStack, too, and need no role.
import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

const PERMISSION_OF_VERSION = 'Annotation::@aws-cdk/aws-lambda:addPermissionsToVersionOrAlias';
const UPKEEP_HOUR_UTC = '3';
/** What fails comes again with the next run, so an old event is worth nothing. */
const NO_SECOND_TRY = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

export interface ReportScheduleProps {
  readonly reports: ServiceFunction;
  readonly upkeep: ServiceFunction;
  readonly flushInterval: Duration;
}

export class ReportSchedule extends Construct {
  constructor(scope: Construct, id: string, props: ReportScheduleProps) {
    super(scope, id);
    this.#add('Reports', {
      target: props.reports,
      schedule: Schedule.rate(props.flushInterval),
      description: 'Writes the five reports',
    });
    this.#add('Upkeep', {
      target: props.upkeep,
      schedule: Schedule.cron({ hour: UPKEEP_HOUR_UTC, minute: '0' }),
      description: 'Makes partitions ahead and drops those past retention',
    });
  }

  #add(
    id: string,
    { target, ...rule }: { target: ServiceFunction; schedule: Schedule; description: string },
  ): void {
    target.lambda.configureAsyncInvoke(NO_SECOND_TRY);
    const reason =
      'The rule invokes the function itself, the deployment its newest version: both may.';
    Validations.of(target.lambda).acknowledge({ id: PERMISSION_OF_VERSION, reason });
    new Rule(this, id, { ...rule, targets: [new LambdaFunction(target.lambda, NO_SECOND_TRY)] });
  }
}
