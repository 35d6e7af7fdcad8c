// What MiniStack 1.5.33 cannot take of the template, all of it. Everything else is deployed as it was
// synthesized.
import { readFileSync, writeFileSync } from 'node:fs';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** It knows no such types and refuses the whole template; nothing else refers to them. */
const UNKNOWN_TYPES = new Set(['AWS::Logs::QueryDefinition', 'AWS::CloudWatch::CompositeAlarm']);

/** @returns the logical ids of what was changed. */
export function patchTemplate(file: string): string[] {
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const before = Object.entries(template.Resources);
  const after = before
    .filter(([, { Type }]) => !UNKNOWN_TYPES.has(Type))
    .map(([id, resource]) => [id, withoutFormula(resource)] as const);
  template.Resources = Object.fromEntries(after);
  writeFileSync(file, JSON.stringify(template, null, 1));
  return before.flatMap(([id, resource]) => (template.Resources[id] === resource ? [] : [id]));
}

/** It knows no formulas over metrics: an alarm over one becomes an alarm over its first metric. */
function withoutFormula(resource: Resource): Resource {
  const { Metrics, ...properties } = resource.Properties ?? {};
  if (resource.Type !== 'AWS::CloudWatch::Alarm' || !Array.isArray(Metrics)) return resource;
  const { Metric, Period, Stat } = Metrics.find((metric) => metric.MetricStat).MetricStat;
  return { ...resource, Properties: { ...properties, ...Metric, Period, Statistic: Stat } };
}

/** The bootstrap's roles are MiniStack's to enforce too, and it reads their conditions wrong. */
export function withoutBootstrapRoles(file: string): void {
  const text = readFileSync(file, 'utf8');
  const assembly = JSON.parse(text, (name, value) =>
    /^(assumeRole|lookupRole|cloudFormationExecutionRole)/.test(name) ? undefined : value,
  );
  writeFileSync(file, JSON.stringify(assembly, null, 1));
}
