// The CDK app: context → settings → stack. A wrong setting is one line on stderr.
import { App } from 'aws-cdk-lib';
import { AnalyticsStack } from '../lib/analytics-stack.ts';
import { addNagChecks } from '../lib/nag-checks.ts';
import { readSettings, SettingsError } from '../lib/settings/settings.ts';
import { withSettingsFile } from '../lib/settings/settings-file.ts';
import { buildFunctions } from '../scripts/bundle.ts';
import { buildConsole } from '../scripts/console-bundle.ts';

try {
  const app = new App();
  const settings = readSettings(withSettingsFile(app.node.getAllContext())).values;
  await buildFunctions();
  await buildConsole();
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  new AnalyticsStack(app, settings.stackName, {
    settings,
    ...(account && region && { env: { account, region } }),
  });
  addNagChecks(app);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
