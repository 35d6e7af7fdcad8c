// What is wrong is said in words, worst first; and where nothing is wrong, nothing is said.
import { expect, test } from 'vitest';
import { duration, findProblems } from '../../../functions/outcomes/pipeline/problems.ts';
import type { PipelineState, StreamState } from '../../../functions/outcomes/pipeline/state.ts';

const NOW = Date.UTC(2026, 10, 26, 21);
const MINUTE = 60_000;

const stream: StreamState = {
  ...{ half: 'outcomes', epoch: '0', topic: 'auction_outcomes', partition: 2 },
  ...{ offset: 5n, newestEventMs: NOW - 1_000, movedMs: NOW - 1_000, lag: 0n },
};
const well: PipelineState = {
  ...{ nowMs: NOW, flushIntervalS: 300, abandoned: 0, unreadable: [], databaseFault: undefined },
  schema: { newest: '0006-deletion', appliedAt: '2026-11-26T20:00:00.000Z', pending: [] },
  run: {
    generatedAt: '2026-11-26T20:58:00',
    version: '0.1.0',
    epoch: 3,
    merge: { segments: 3, milliseconds: 5, taken_up: false, segments_waiting: 0 },
  },
  streams: [stream],
  quarantine: { count: 0, isComplete: true, newest: [] },
  host: { writtenMs: NOW - 1_000, quarantineOptions: undefined, told: {} },
};
const refusal = (keptMs: number) => ({
  ...{ topic: 't', partition: 0, offset: '1', key: 'quarantine/t/0/1.json', bytes: 1, keptMs },
  reason: 'no JSON',
});

test('all well: no word', () => {
  expect(findProblems(well)).toEqual([]);
  expect(findProblems({ ...well, host: undefined })).toEqual([]);
  const unknown = { ...stream, lag: undefined, movedMs: undefined, newestEventMs: undefined };
  expect(findProblems({ ...well, streams: [unknown] })).toEqual([]);
});

test.for<[string, Partial<PipelineState>, string]>([
  [
    'no database',
    { schema: undefined, databaseFault: 'The database is not available.' },
    'error database: The database is not available. The figures of the outcomes are missing.',
  ],
  [
    'an old schema',
    {
      schema: {
        newest: 'a',
        appliedAt: undefined,
        pending: ['0005-newest-event', '0006-deletion'],
      },
    },
    'error schema: The schema lacks 0005-newest-event, 0006-deletion: run migrate-database.',
  ],
  ['no run', { run: undefined }, 'warning reports: No report run yet.'],
  [
    'a late run',
    { run: { ...well.run, generatedAt: '2026-11-26T20:44:00' } as PipelineState['run'] },
    'error reports: The newest reports are 16 minutes old, though a run is due every 5 minutes.',
  ],
  [
    'a rarer schedule',
    { flushIntervalS: 3_600, run: undefined },
    'warning reports: No report run yet.',
  ],
  [
    'a merge that is behind',
    {
      run: {
        ...well.run,
        merge: { segments: 3, milliseconds: 5, taken_up: false, segments_waiting: 1 },
      } as PipelineState['run'],
    },
    'warning reports: The last run left 1 segment to the next: it is behind.',
  ],
  [
    'a refusal of now',
    { quarantine: { count: 1, isComplete: true, newest: [refusal(NOW - 2 * MINUTE)] } },
    'error quarantine: 1 record was refused, the newest 2 minutes ago: npm run quarantine -- list',
  ],
  [
    'old refusals, more than are counted',
    {
      quarantine: {
        count: 10_000,
        isComplete: false,
        newest: [refusal(NOW - 3 * 24 * 60 * MINUTE)],
      },
    },
    'warning quarantine: More than 10000 records were refused, the newest 3 days ago',
  ],
  ['batches given up', { abandoned: 2 }, 'error abandoned: Lambda gave up 2 batches'],
  [
    'a partition that stands still',
    { streams: [{ ...stream, lag: 1n, movedMs: NOW - 10 * MINUTE }] },
    'error lag: auction_outcomes partition 2 is 1 record behind and has not moved for 10 minutes.',
  ],
  [
    'a partition far behind',
    { streams: [{ ...stream, lag: 10_001n }] },
    'warning lag: auction_outcomes partition 2 is 10001 records behind.',
  ],
  [
    'a silent host',
    { host: { writtenMs: NOW - 5 * MINUTE, quarantineOptions: undefined, told: {} } },
    'warning host: The host has told nothing for 5 minutes: the lag is not known.',
  ],
  [
    'a document',
    { unreadable: ['pipeline/host.json'] },
    'error reports: The document pipeline/host',
  ],
])('%s', ([, change, text]) => {
  const found = findProblems({ ...well, ...change });
  expect(found.map(({ level, about, text }) => `${level} ${about}: ${text}`)).toEqual([
    expect.stringContaining(text),
  ]);
});

test('a short wait is none, and errors come first', () => {
  expect(findProblems({ ...well, streams: [{ ...stream, lag: 500n }] })).toEqual([]);
  const found = findProblems({ ...well, run: undefined, abandoned: 1 });
  expect(found.map(({ level }) => level)).toEqual(['error', 'warning']);
});

test.for([
  [0, '0 seconds'],
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7_199, '119 minutes'],
  [7_200, '2 hours'],
  [172_800, '2 days'],
] as const)('%i seconds are %s', ([seconds, text]) => {
  expect(duration(seconds)).toBe(text);
});
