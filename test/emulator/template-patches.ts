// What MiniStack 1.5.33 cannot take of the template, all of it. Everything else is deployed as it was
// synthesized.
import { readFileSync, writeFileSync } from 'node:fs';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** It knows no such types and refuses the whole template; nothing else refers to them. */
const UNKNOWN_TYPES = new Set(['AWS::Logs::QueryDefinition', 'AWS::CloudWatch::CompositeAlarm']);

export function patchTemplate(file: string): void {
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const known = Object.entries(template.Resources).filter(
    ([, { Type }]) => !UNKNOWN_TYPES.has(Type),
  );
  template.Resources = Object.fromEntries(
    known.map(([id, resource]) => [id, withoutFormula(resource)]),
  );
  writeFileSync(file, JSON.stringify(template, null, 1));
}

/** It knows neither formulas nor queries over metrics: such an alarm stays, over a metric that nobody writes. */
function withoutFormula(resource: Resource): Resource {
  const { Metrics, ...properties } = resource.Properties ?? {};
  if (resource.Type !== 'AWS::CloudWatch::Alarm' || !Metrics) return resource;
  const silent = { Namespace: 'Formula', MetricName: 'Unknown', Statistic: 'Sum', Period: 300 };
  return { ...resource, Properties: { ...properties, ...silent } };
}

/** The bootstrap's roles are MiniStack's to enforce too, and it reads their conditions wrong. */
export function withoutBootstrapRoles(file: string): void {
  const text = readFileSync(file, 'utf8');
  const assembly = JSON.parse(text, (name, value) =>
    /^(assumeRole|lookupRole|cloudFormationExecutionRole)/.test(name) ? undefined : value,
  );
  writeFileSync(file, JSON.stringify(assembly, null, 1));
}
