// The stack as `cdk synth` makes it, in this process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AnalyticsStack } from '../../lib/analytics-stack.ts';
import { readSettings } from '../../lib/settings/settings.ts';

/** The bundles are not copied: their names in a template do not depend on it. */
const NO_COPIES = { 'aws:cdk:disable-asset-staging': true };
const ROOT = join(import.meta.dirname, '..', '..');
/** Of each process its own, and the same the next time. */
const outdir = join(ROOT, 'cdk.out', `tests-${process.env.VITEST_POOL_ID ?? 0}`);

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
}

export type Context = Readonly<Record<string, unknown>>;

export function makeStack(
  context: Context,
  props: StackProps = {},
): { app: App; stack: AnalyticsStack } {
  const flags = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context;
  const app = new App({ outdir, context: { ...flags, ...NO_COPIES, ...context } });
  const settings = readSettings(app.node.getAllContext()).values;
  return { app, stack: new AnalyticsStack(app, settings.stackName, { settings, ...props }) };
}

const made = new Map<string, Template>();

/** Once for the same settings. */
export function synthesize(context: Context): Template {
  const key = JSON.stringify(context);
  const template = made.get(key) ?? Template.fromStack(makeStack(context).stack);
  made.set(key, template);
  return template;
}

export function resourcesOf(template: Template, type?: string): [string, Resource][] {
  const all: Record<string, Resource> = template.toJSON().Resources;
  return Object.entries(all).filter(([, { Type }]) => type === undefined || Type === type);
}
