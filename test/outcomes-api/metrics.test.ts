// I94: the metrics say what /api/pipeline/ says, in Prometheus' form, and the dashboard asks for nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { API_VERSION } from '../../functions/contracts.ts';
import type { PipelineState } from '../../functions/outcomes/pipeline/state.ts';
import { metricsOf, renderMetrics } from '../../functions/outcomes/respond/metrics.ts';
import { askStores } from '../support/api.ts';
import { NO_DATABASE } from '../support/unused-outcomes.ts';

const NOW = Date.UTC(2026, 10, 26, 21);
const REFUSAL = { topic: 't', partition: 0, offset: '1', key: 'k', bytes: 1, keptMs: NOW - 5_000 };
const FULL: PipelineState = {
  ...{
    nowMs: NOW,
    flushIntervalS: 300,
    abandoned: 2,
    unreadable: [],
    databaseFault: undefined,
    host: undefined,
  },
  schema: { newest: '0006-deletion', appliedAt: undefined, pending: ['a'] },
  run: {
    ...{ generatedAt: '2026-11-26T20:59:00', version: '0.1.0', epoch: 3 },
    merge: { segments: 3, milliseconds: 1_500, taken_up: false, segments_waiting: 4 },
  },
  streams: [
    {
      ...{ half: 'orders', epoch: '0', topic: 'a"b\n', partition: 1, offset: 9007199254740993n },
      ...{ newestEventMs: NOW - 2_500, movedMs: undefined, lag: 0n },
    },
    {
      ...{ half: 'outcomes', epoch: '0', topic: 'o', partition: 0, offset: undefined },
      ...{ newestEventMs: undefined, movedMs: undefined, lag: undefined },
    },
  ],
  quarantine: { count: 3, isComplete: true, newest: [{ ...REFUSAL, reason: 'x "1"' }] },
};
const DASHBOARD = join(import.meta.dirname, '..', '..', 'operate', 'grafana', 'pipeline.json');

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly query: unknown }[] };
}

test('each figure as it is, and no sample of what is not known', async () => {
  const { text, contentType } = await renderMetrics(FULL);
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const orders = '{half="orders",topic="a\\"b\\n",partition="1"}';
  expect(samples).toEqual([
    'analytics_build_info{version="0.1.0",schema="0006-deletion"} 1',
    'analytics_problems{level="error"} 3',
    'analytics_problems{level="warning"} 1',
    'analytics_database_up 1',
    'analytics_schema_pending 1',
    'analytics_reports_generated_timestamp_seconds 1795726740',
    'analytics_reports_age_seconds 60',
    'analytics_merge_segments 3',
    'analytics_merge_segments_waiting 4',
    'analytics_merge_seconds 1.5',
    `analytics_stream_offset${orders} 9007199254740992`,
    `analytics_stream_newest_event_timestamp_seconds${orders} 1795726797.5`,
    `analytics_stream_newest_event_age_seconds${orders} 2.5`,
    `analytics_stream_lag_records${orders} 0`,
    'analytics_quarantine_records 3',
    'analytics_quarantine_newest_timestamp_seconds 1795726795',
    'analytics_quarantine_reasons{reason="x \\"…\\""} 1',
    'analytics_abandoned_batches 2',
  ]);
  expect(text.match(/^# TYPE \S+ gauge$/gm)?.length).toBe(metricsOf(FULL).length);
});

test('the build is the package', () => {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  expect(API_VERSION).toBe(version);
});

test('it is served as Prometheus asks for it, and read twice it is the same', async () => {
  const ask = askStores({ outcomes: NO_DATABASE }, { now: () => NOW });
  const accept =
    'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const first = await ask('/api/metrics/', { headers: { accept } });
  expect([first.status, first.headers['content-type'], first.headers['cache-control']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'no-store',
  ]);
  expect(first.text).toContain('analytics_database_up 0');
  expect((await ask('/api/metrics/')).text).toBe(first.text);
});

test('the dashboard asks for every metric, and for none that is not served', () => {
  const { panels, templating } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
  const asked = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))];
  const variables = templating.list.map(({ query }) => JSON.stringify(query));
  const names = [...asked, ...variables].flatMap((text) => text.match(/\banalytics_\w+/g) ?? []);
  const served = metricsOf(FULL).map(({ name }) => name);
  expect([...new Set(names)].sort()).toEqual([...served].sort());
  expect(asked.every((expr) => /analytics_/.test(expr))).toBe(true);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
});
