// CloudWatch's own words back into what a test can ask: which metrics alarms and dashboard show.
import type { Resource } from './synthesize.ts';

export interface MetricReference {
  readonly namespace: unknown;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

interface AlarmMetric {
  readonly Namespace?: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

export interface AlarmProperties extends AlarmMetric {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
  readonly Threshold: number;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
  readonly Metrics?: readonly {
    readonly Expression?: unknown;
    readonly MetricStat?: { readonly Metric: AlarmMetric };
  }[];
}

export function metricsOfAlarm(alarm: AlarmProperties): MetricReference[] {
  const inside = (alarm.Metrics ?? []).flatMap(({ MetricStat }) =>
    MetricStat ? [MetricStat.Metric] : [],
  );
  return [...(alarm.MetricName ? [alarm] : []), ...inside].map((metric) => ({
    namespace: metric.Namespace ?? '',
    name: metric.MetricName,
    dimensions: Object.fromEntries(
      (metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
    ),
  }));
}

export interface Widget {
  readonly type: string;
  readonly properties: { readonly title?: string; readonly metrics?: readonly unknown[][] };
}

/** What CloudFormation fills in stands as `<Ref of X>`. */
export function widgetsOf({ Properties }: Resource): Widget[] {
  const body = Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const text = body['Fn::Join'][1]
    .map((part) =>
      typeof part === 'string' ? part : `<${JSON.stringify(part).replaceAll('"', '')}>`,
    )
    .join('');
  return JSON.parse(text).widgets;
}

/** `[namespace, name, dimension, value, …, {options}]`; an expression is `[{options}]`. */
export function metricsOfWidget({ properties }: Widget): MetricReference[] {
  return (properties.metrics ?? []).flatMap((row) => {
    const [namespace, name, ...rest] = row.filter((part) => typeof part === 'string');
    if (namespace === undefined || name === undefined) return [];
    const names = rest.filter((_, index) => index % 2 === 0);
    const dimensions = Object.fromEntries(names.map((one, index) => [one, rest[2 * index + 1]]));
    return [{ namespace, name, dimensions }];
  });
}
