// How the pipeline stands, as Prometheus reads it. What is not known has no sample: a zero would be a claim. Pure but
// for prom-client. The endpoint reads this file when metrics are asked for the first time.
import { Gauge, Registry } from 'prom-client';
import { API_VERSION } from '../../contracts.ts';
import { findProblems } from '../pipeline/problems.ts';
import { countReasons } from '../pipeline/refusals.ts';
import type { PipelineState, StreamState } from '../pipeline/state.ts';

interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

export async function renderMetrics(state: PipelineState): Promise<MetricsText> {
  const registry = new Registry();
  for (const { name, help, samples } of metricsOf(state)) {
    const labelNames = [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    // A gauge without labels starts at zero, which nobody has measured.
    if (labelNames.length === 0) gauge.remove();
    for (const { labels = {}, value } of samples) gauge.set(labels, value);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Every one of them, also where there is nothing to tell of it: a test reads the names from here. */
export function metricsOf(state: PipelineState): Metric[] {
  return [...serviceMetrics(state), ...streamMetrics(state), ...quarantineMetrics(state)];
}

function serviceMetrics({ run, schema, nowMs, ...state }: PipelineState): Metric[] {
  const problems = findProblems({ run, schema, nowMs, ...state });
  const levels = ['error', 'warning'] as const;
  return [
    {
      name: 'analytics_build_info',
      help: 'The build that answers, and the newest migration of its database.',
      samples: [{ value: 1, labels: { version: API_VERSION, schema: schema?.newest ?? '' } }],
    },
    {
      name: 'analytics_problems',
      help: 'What is wrong now, as /api/pipeline/ says it in words.',
      samples: levels.map((level) => ({
        value: problems.filter((problem) => problem.level === level).length,
        labels: { level },
      })),
    },
    {
      name: 'analytics_database_up',
      help: 'Whether the database of the outcomes answers.',
      samples: [{ value: schema ? 1 : 0 }],
    },
    {
      name: 'analytics_schema_pending',
      help: 'Migrations that the database lacks.',
      samples: given(schema?.pending.length),
    },
    {
      name: 'analytics_reports_generated_timestamp_seconds',
      help: 'The time of the newest reports.',
      samples: given(run && Date.parse(`${run.generatedAt}Z`) / 1000),
    },
    {
      name: 'analytics_reports_age_seconds',
      help: 'How old the newest reports are.',
      samples: given(run && (nowMs - Date.parse(`${run.generatedAt}Z`)) / 1000),
    },
    {
      name: 'analytics_merge_segments',
      help: 'Segments that the newest report run has merged.',
      samples: given(run?.merge?.segments),
    },
    {
      name: 'analytics_merge_segments_waiting',
      help: 'Segments that it left to the next.',
      samples: given(run?.merge?.segments_waiting),
    },
    {
      name: 'analytics_merge_seconds',
      help: 'How long it merged.',
      samples: given(run?.merge && run.merge.milliseconds / 1000),
    },
  ];
}

function streamMetrics({ streams, nowMs }: PipelineState): Metric[] {
  const each = (figureOf: (stream: StreamState) => number | undefined) =>
    streams.flatMap((stream) => {
      const { half, topic, partition } = stream;
      return given(figureOf(stream), { half, topic, partition: String(partition) });
    });
  return [
    {
      name: 'analytics_stream_offset',
      help: 'The last offset of the partition that is done with.',
      samples: each(({ offset }) => (offset === undefined ? undefined : Number(offset))),
    },
    {
      name: 'analytics_stream_newest_event_timestamp_seconds',
      help: 'The time of the newest event of the partition.',
      samples: each(({ newestEventMs: ms }) => (ms === undefined ? undefined : ms / 1000)),
    },
    {
      name: 'analytics_stream_newest_event_age_seconds',
      help: 'How old the newest event of the partition is.',
      samples: each(({ newestEventMs: ms }) =>
        ms === undefined ? undefined : (nowMs - ms) / 1000,
      ),
    },
    {
      name: 'analytics_stream_lag_records',
      help: 'Records of the partition that wait; only where the host knows it.',
      samples: each(({ lag }) => (lag === undefined ? undefined : Number(lag))),
    },
  ];
}

function quarantineMetrics({ quarantine, abandoned }: PipelineState): Metric[] {
  return [
    {
      name: 'analytics_quarantine_records',
      help: 'Refused records, of which no more than 10,000 are counted.',
      samples: [{ value: quarantine.count }],
    },
    {
      name: 'analytics_quarantine_newest_timestamp_seconds',
      help: 'When a record was refused last.',
      samples: given(quarantine.newest[0] && quarantine.newest[0].keptMs / 1000),
    },
    {
      name: 'analytics_quarantine_reasons',
      help: 'The reasons of the newest 200 of them.',
      samples: countReasons(quarantine.newest).map(({ reason, count }) => ({
        value: count,
        labels: { reason },
      })),
    },
    {
      name: 'analytics_abandoned_batches',
      help: 'Batches that Lambda gave up, of which no more than 1,000 are counted.',
      samples: [{ value: abandoned }],
    },
  ];
}

function given(value: number | undefined, labels: Sample['labels'] = {}): Sample[] {
  return value === undefined ? [] : [{ value, labels }];
}
