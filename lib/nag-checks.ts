// AwsSolutions' rules over the whole app, and every exception from them, with its reason, in one place.
// An exception that no finding needs any more fails a test.
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

export function addNagChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
