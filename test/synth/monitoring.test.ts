// The alarms, the dashboard and the saved queries: that each names something that is really measured or
// logged, reaches somebody, and has its heading in the runbook.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/contracts.ts';
import { SERVICE_METRICS } from '../../lib/monitoring/service-metrics.ts';
import {
  type AlarmProperties,
  metricsOfAlarm,
  metricsOfWidget,
  widgetsOf,
} from './dashboard-body.ts';
import { type Context, type Resource, resourcesOf, synthesize } from './synthesize.ts';
import { EXISTING_CLUSTER, EXISTING_DATABASE, VARIANTS } from './variants.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const RUNBOOK = read('docs', 'runbook.md');
const PREFIX = 'analytics-service-';
const OPERATOR = 'operate-stores';
const STREAMS = ['aggregate-orders', 'record-outcomes'];
const TOPICS = ['dbserver1.public.orders', 'dbserver1.public.order_items', 'auction_outcomes'];
const ASKED_BY_CODEDEPLOY = /-(new-version-failing-[\w-]+|api-failing-now)$/;
const ANOTHERS_TOPIC = 'arn:aws:sns:eu-west-1:123456789012:on-call';
const KAFKA_METRICS = { MetricsConfig: { Metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] } };

function monitoringOf(context: Context) {
  const template = synthesize(context);
  const propertiesOf = <T = Resource['Properties']>(type: string) =>
    resourcesOf(template, type).map(([, { Properties }]) => Properties as T);
  const alarms = propertiesOf<AlarmProperties>('AWS::CloudWatch::Alarm');
  const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
  if (!dashboard) throw new Error('There is no dashboard.');
  return {
    template,
    propertiesOf,
    alarms,
    widgets: widgetsOf(dashboard[1]),
    names: alarms.map(({ AlarmName }) => AlarmName.replace(PREFIX, '')),
    alarm: (name: string) => {
      const found = alarms.find(({ AlarmName }) => AlarmName === `${PREFIX}${name}`);
      if (!found) throw new Error(`There is no alarm ${name}.`);
      return found;
    },
  };
}

const variants = Object.entries(VARIANTS).map(([name, context]) => ({
  name,
  ...monitoringOf(context),
}));
const runbookOf = ({ AlarmDescription }: AlarmProperties) =>
  / Runbook: docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1];

describe('the runbook', () => {
  const anchorsOf = (text: string) =>
    [...text.matchAll(/^### (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(' ', '-')
        .replaceAll(/[^a-z0-9_-]/g, ''),
    );
  const [, alarmPart = '', procedurePart = ''] = RUNBOOK.split(/^## .+$/m);

  test('has a heading for every alarm, and an alarm for every heading', () => {
    const used = variants.flatMap(({ alarms }) => alarms.map(runbookOf));
    expect([...new Set(used)].sort()).toEqual(anchorsOf(alarmPart).sort());
  });

  test('refers to headings that it has', () => {
    const anchors = [...anchorsOf(alarmPart), ...anchorsOf(procedurePart)];
    const links = [...RUNBOOK.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([]);
  });

  test('sends nobody to a graph or a saved query that is not there', () => {
    const queries = variants.flatMap(({ propertiesOf }) =>
      propertiesOf<{ Name: string }>('AWS::Logs::QueryDefinition').map(({ Name }) => Name),
    );
    const graphs = variants.flatMap(({ widgets }) =>
      widgets.flatMap(({ properties }) => properties.title ?? []),
    );
    const names = [...graphs, ...queries.map((name) => name.split('/').at(-1) ?? '')];
    const italics = [...RUNBOOK.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(
      ([, name = '']) => name,
    );
    expect(italics.length).toBeGreaterThan(5);
    expect(italics.filter((one) => !names.some((name) => name.startsWith(one)))).toEqual([]);
  });

  test('is short', () => {
    expect(RUNBOOK.split('\n').length).toBeLessThanOrEqual(320);
  });
});

describe.for(variants)('$name', ({ template, alarms, names, widgets, propertiesOf }) => {
  test('every alarm reaches the topic, and its names are its own', () => {
    expect(new Set(names).size).toBe(names.length);
    const [made] = resourcesOf(template, 'AWS::SNS::Topic').map(([id]) => ({ Ref: id }));
    const topic = made ?? ANOTHERS_TOPIC;
    const told = alarms.filter(({ AlarmName }) => !ASKED_BY_CODEDEPLOY.test(AlarmName));
    for (const { AlarmName, AlarmActions, OKActions } of told) {
      expect({ AlarmName, AlarmActions }).toEqual({ AlarmName, AlarmActions: [topic] });
      expect([[topic], undefined]).toContainEqual(OKActions);
    }
  });

  test('the topic lets in the alarms of this stack, the event of a batch given up, and nobody without TLS', () => {
    const [policy] = propertiesOf<{ PolicyDocument: { Statement: object[] } }>(
      'AWS::SNS::TopicPolicy',
    );
    if (propertiesOf('AWS::SNS::Topic').length === 0) return expect(policy).toBeUndefined();
    const rules = propertiesOf('AWS::Events::Rule').filter((rule) => 'EventPattern' in rule);
    expect(policy?.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } },
      ...rules.map(() => ({ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } })),
    ]);
  });

  test('every function that runs by itself has its alarms', () => {
    expect(names.filter((name) => name.endsWith(OPERATOR))).toEqual([]);
    const kinds = ['failing', 'throttled', 'slow'];
    const attended = FUNCTIONS.filter((name) => name !== OPERATOR);
    const wanted = attended.flatMap((name) => kinds.map((kind) => `${kind}-${name}`));
    expect(names).toEqual(expect.arrayContaining(wanted));
    expect(names).toEqual(expect.arrayContaining(STREAMS.map((name) => `quarantined-${name}`)));
  });

  test('every mapping has its alarms, and no alarm waits for one that is not there', () => {
    const mappings = propertiesOf('AWS::Lambda::EventSourceMapping');
    const perMapping = mappings.some((properties) => 'ProvisionedPollerConfig' in properties);
    const consumers = mappings.length === 0 ? [] : perMapping ? TOPICS : STREAMS;
    const ofConsumers = names.filter((name) => /^(consumer|records-dropped|batch)/.test(name));
    expect(ofConsumers.sort()).toEqual(
      [
        ...consumers.flatMap((name) => [`consumer-lag-${name}`, `consumer-stalled-${name}`]),
        ...(perMapping ? TOPICS.map((topic) => `records-dropped-${topic}`) : []),
        ...(mappings.some((mapping) => 'DestinationConfig' in mapping) ? ['batch-given-up'] : []),
      ].sort(),
    );
    // Without these groups Lambda measures neither SumOffsetLag nor what was dropped.
    if (perMapping)
      expect(mappings).toEqual(mappings.map(() => expect.objectContaining(KAFKA_METRICS)));
  });

  test('a database of the stack has its alarms', () => {
    const hasDatabase = propertiesOf('AWS::RDS::DBInstance').length > 0;
    expect(names.filter((name) => name.startsWith('database-')).length).toBe(hasDatabase ? 4 : 0);
  });

  test('own metrics are of a function that measures them', () => {
    const references = [
      ...alarms.flatMap(metricsOfAlarm),
      ...widgets.flatMap(metricsOfWidget),
    ].filter(({ namespace }) => !/^AWS\//.test(String(namespace)));
    expect(references.length).toBeGreaterThan(10);
    for (const { namespace, name, dimensions } of references) {
      expect(JSON.stringify(namespace)).toMatch(/Ref\W+AWS::StackName/);
      expect(Object.keys(dimensions)).toEqual(['service']);
      expect(emittedBy(String(dimensions.service))).toContain(name);
    }
  });

  test('the dashboard shows every alarm and no empty graph', () => {
    expect(widgets.map(({ type }) => type)).toContain('alarm');
    const graphs = widgets.filter(({ type }) => type === 'metric');
    expect(graphs.filter(({ properties }) => !properties.metrics?.length)).toEqual([]);
  });
});

/** The handler, and the function behind it where that is a file of its own. */
function sourceOf(functionName: string): string {
  const places = ['handlers', 'orders', 'outcomes'].map((folder) =>
    join(ROOT, 'functions', folder, `${functionName}.ts`),
  );
  const files = places.filter(existsSync);
  return files.map((file) => readFileSync(file, 'utf8')).join('');
}

/** The metrics that a function names, and those of a batch where it measures one. */
function emittedBy(functionName: string): string[] {
  const source = sourceOf(functionName);
  expect(source).toMatch(new RegExp(`make(Telemetry|Host)\\('${functionName}'`));
  const text = source + (/\bmeasureCounts\(/.test(source) ? BATCH_COUNTS : '');
  return [...text.matchAll(/\.addMetric\('(\w+)'/g)].map(([, name = '']) => name);
}
const BATCH_COUNTS = read('functions', 'kafka', 'batch-counts.ts');

test('the lists of own metrics are what the functions measure', () => {
  const measured = FUNCTIONS.map((name) => [name, [...new Set(emittedBy(name))].sort()]);
  const listed = FUNCTIONS.map((name) => [name, [...SERVICE_METRICS[name]].sort()]);
  expect(listed).toEqual(measured);
});

describe('saved queries', () => {
  interface QueryProperties {
    readonly Name: string;
    readonly QueryString: string;
    readonly LogGroupNames: readonly { readonly Ref: string }[];
  }
  const INSIGHTS =
    /^(fields|filter|stats|sort|limit|parse|as|by|and|or|in|like|desc|bin|count|sum|avg|max|pct|p50|p99|\d+[hm]?)$/;
  const LOGGED_BY_ALL = ['message', 'level', 'service', 'error'];
  const [standard] = variants;
  const queries = standard?.propertiesOf<QueryProperties>('AWS::Logs::QueryDefinition') ?? [];

  test('there are those of the original service, and some more', () => {
    const names = queries.map(({ Name }) => Name);
    expect(names).toContain('analytics-service/outcomes/Processed outcomes');
    expect(names).toContain('analytics-service/outcomes/Success rate');
    expect(names).toContain('analytics-service/all/Errors');
    expect(names.length).toBeGreaterThan(6);
  });

  test.for(queries)('$Name asks for what its functions log', ({ QueryString, LogGroupNames }) => {
    const functions = LogGroupNames.map(({ Ref }) => {
      const found = FUNCTIONS.find((name) =>
        Ref.toLowerCase().startsWith(`functions${name.replaceAll('-', '')}logs`),
      );
      return found ?? expect.fail(`${Ref} is of no function`);
    });
    const logged = [BATCH_COUNTS, ...functions.map(sourceOf)].join('\n');
    for (const [, message] of QueryString.matchAll(/message = '(\w+)'/g)) {
      expect(logged).toContain(`logger.info('${message}'`);
    }
    const bare = QueryString.replaceAll(/'[^']*'|\/[^/]*\//g, '');
    const aliases = [...bare.matchAll(/ as (\w+)/g)].map(([, alias]) => alias);
    const fields = [...bare.matchAll(/(?<![@.\w])([a-z]\w*)/g)]
      .map(([, word = '']) => word)
      .filter((word) => !INSIGHTS.test(word) && !aliases.includes(word));
    for (const field of fields.filter((word) => !LOGGED_BY_ALL.includes(word))) {
      expect(logged).toMatch(new RegExp(`\\b${field}\\b`));
    }
  });
});

describe('what depends on the settings', () => {
  test('reports and lag by the flush interval', () => {
    const standard = monitoringOf({});
    expect(standard.alarm('reports-late')).toMatchObject({
      ...{ Period: 300, EvaluationPeriods: 2, Threshold: 1, TreatMissingData: 'breaching' },
    });
    expect(standard.alarm('consumer-lag-aggregate-orders').Threshold).toBe(300);
    const slow = monitoringOf({ flushInterval: 900 });
    expect(slow.alarm('reports-late').Period).toBe(900);
    expect(slow.alarm('consumer-lag-record-outcomes').Threshold).toBe(900);
    const quick = monitoringOf({ flushInterval: 60 });
    expect(quick.alarm('reports-late').Period).toBe(60);
    expect(quick.alarm('consumer-lag-record-outcomes').Threshold).toBe(300);
  });

  test('slow by the timeout of each function', () => {
    const { alarm, propertiesOf } = monitoringOf({});
    const functions = propertiesOf<{ FunctionName?: string; Timeout: number }>(
      'AWS::Lambda::Function',
    );
    for (const name of FUNCTIONS.filter((one) => one !== OPERATOR)) {
      const timeout = functions.find((one) => one.FunctionName === PREFIX + name)?.Timeout ?? 0;
      expect([name, alarm(`slow-${name}`).Threshold]).toEqual([name, timeout * 800]);
    }
  });

  test('connections and storage by the database, which the stack does not have if it was there', () => {
    const thresholdsOf = (context: Context) =>
      ['database-connections', 'database-storage'].map(
        (name) => monitoringOf(context).alarm(name).Threshold,
      );
    const GIB = 2 ** 30;
    expect(thresholdsOf({})).toEqual([324, 2.5 * GIB]);
    const large = { databaseInstance: 'r7g.2xlarge', databaseStorageGiB: 200 };
    expect(thresholdsOf(large)).toEqual([4_000, 10 * GIB]);
    expect(() => thresholdsOf(EXISTING_DATABASE)).toThrow('no alarm');
  });

  test('an address gets the alarms only when it is given', () => {
    const subscriptions = (context: Context) =>
      monitoringOf(context).propertiesOf('AWS::SNS::Subscription');
    expect(subscriptions({})).toEqual([]);
    expect(subscriptions({ alarmEmail: 'on-call@example.com' })).toMatchObject([
      { Protocol: 'email', Endpoint: 'on-call@example.com' },
    ]);
  });

  test.for([
    [{}, /^analytics-service-serverless-<.*AWS::StackId.*>$/],
    [{ cluster: 'provisioned' }, /^analytics-service-provisioned-<.*AWS::StackId.*>$/],
    [EXISTING_CLUSTER, /^shop$/],
  ] as const)('the lag of the topics is of the right cluster: %j', ([context, name]) => {
    const { widgets } = monitoringOf(context);
    const lags = widgets
      .flatMap(metricsOfWidget)
      .filter(({ namespace }) => namespace === 'AWS/Kafka');
    const names = lags.map(({ dimensions }) => dimensions['Cluster Name']);
    expect(names).toEqual([1, 2, 3].map(() => expect.stringMatching(name)));
    expect(lags.map(({ dimensions }) => dimensions.Topic)).toEqual(TOPICS);
  });
});
