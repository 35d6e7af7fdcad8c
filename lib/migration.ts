// Brings the schema up to date while the stack is deployed. It runs again whenever the function's
// bundle or environment changes, and what fails in it fails the deployment.
import type { Duration } from 'aws-cdk-lib';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface MigrationProps {
  readonly function: ServiceFunction;
  /** Needs the new schema, so is made or changed after it. */
  readonly before: readonly Construct[];
  readonly after: readonly Construct[];
  readonly timeout: Duration;
}

export class Migration extends Construct {
  constructor(scope: Construct, id: string, props: MigrationProps) {
    super(scope, id);
    new Trigger(this, 'Trigger', {
      handler: props.function.lambda,
      timeout: props.timeout,
      executeAfter: [props.function, ...props.after],
      executeBefore: [...props.before],
    });
  }
}
