// The stack as `cdk synth` makes it, in this process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AnalyticsStack } from '../../lib/analytics-stack.ts';
import { readSettings } from '../../lib/settings/settings.ts';

const CDK_JSON = join(import.meta.dirname, '..', '..', 'cdk.json');

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type Context = Readonly<Record<string, unknown>>;

export function makeStack(context: Context): { app: App; stack: AnalyticsStack } {
  const flags = JSON.parse(readFileSync(CDK_JSON, 'utf8')).context;
  const app = new App({ context: { ...flags, ...context } });
  const settings = readSettings(app.node.getAllContext());
  return { app, stack: new AnalyticsStack(app, settings.values.stackName, { settings }) };
}

export function synthesize(context: Context): Template {
  return Template.fromStack(makeStack(context).stack);
}

export function resourcesOf(template: Template, type?: string): [string, Resource][] {
  const all: Record<string, Resource> = template.toJSON().Resources;
  return Object.entries(all).filter(([, { Type }]) => type === undefined || Type === type);
}
