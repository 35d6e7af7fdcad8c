// What is wrong now, in words: each a sentence that says what to do or where to look, worst first. Pure.
import type { PipelineState, StreamState } from './state.ts';

export interface Problem {
  readonly level: 'error' | 'warning';
  readonly about: string;
  readonly text: string;
}

/** A scheduled run may be missed once. */
const RUNS_LATE = 3;
/** A batch is on its way for less than that. */
const STILL_S = 120;
const LAG_MAX = 10_000n;
const DAY_S = 86_400;
/** A host that tells its state does so every few seconds. */
export const HOST_SILENT_S = 60;

type Check = (state: PipelineState) => readonly Problem[];

export function findProblems(state: PipelineState): Problem[] {
  const found = CHECKS.flatMap((check) => check(state));
  return [...found.filter(isError), ...found.filter((problem) => !isError(problem))];
}

const isError = ({ level }: Problem) => level === 'error';

const database: Check = ({ schema, databaseFault }) => {
  if (!schema) {
    return [error('database', `${databaseFault} The figures of the outcomes are missing.`)];
  }
  const { pending } = schema;
  return pending.length === 0
    ? []
    : [error('schema', `The schema lacks ${pending.join(', ')}: run migrate-database.`)];
};

const documents: Check = ({ unreadable }) =>
  unreadable.map((key) => error('reports', `The document ${key} cannot be read.`));

const refused: Check = ({ quarantine: { count, isComplete, newest }, nowMs }) => {
  const [first] = newest;
  if (count === 0 || !first) return [];
  const age = secondsBetween(first.keptMs, nowMs);
  const text =
    `${isComplete ? '' : 'More than '}${counted(count, 'record was', 'records were')} refused, the newest ` +
    `${duration(age)} ago: npm run quarantine -- list shows them with their reasons.`;
  return [age < DAY_S ? error('quarantine', text) : warning('quarantine', text)];
};

const abandoned: Check = ({ abandoned: count }) =>
  count === 0
    ? []
    : [
        error(
          'abandoned',
          `Lambda gave up ${counted(count, 'batch', 'batches')}: npm run quarantine -- list shows them.`,
        ),
      ];

const reports: Check = ({ run, nowMs, flushIntervalS }) => {
  if (!run) return [warning('reports', 'No report run yet.')];
  const age = secondsBetween(Date.parse(`${run.generatedAt}Z`), nowMs);
  const waiting = run.merge?.segments_waiting ?? 0;
  return [
    ...(age > RUNS_LATE * flushIntervalS
      ? [
          error(
            'reports',
            `The newest reports are ${duration(age)} old, though a run is due every ${duration(flushIntervalS)}.`,
          ),
        ]
      : []),
    ...(waiting > 0
      ? [
          warning(
            'reports',
            `The last run left ${counted(waiting, 'segment', 'segments')} to the next: it is behind.`,
          ),
        ]
      : []),
  ];
};

const lag: Check = ({ streams, nowMs }) =>
  streams.flatMap((stream) => {
    if (stream.lag === undefined || stream.lag === 0n) return [];
    const behind = `${stream.topic} partition ${stream.partition} is ${counted(stream.lag, 'record', 'records')} behind`;
    const still = stillFor(stream, nowMs);
    if (still > STILL_S)
      return [error('lag', `${behind} and has not moved for ${duration(still)}.`)];
    return stream.lag > LAG_MAX ? [warning('lag', `${behind}.`)] : [];
  });

function stillFor({ movedMs, newestEventMs }: StreamState, nowMs: number): number {
  const last = movedMs ?? newestEventMs;
  return last === undefined ? 0 : secondsBetween(last, nowMs);
}

const host: Check = ({ host: told, nowMs }) => {
  const silence = told ? secondsBetween(told.writtenMs, nowMs) : 0;
  return silence <= HOST_SILENT_S
    ? []
    : [
        warning(
          'host',
          `The host has told nothing for ${duration(silence)}: the lag is not known.`,
        ),
      ];
};

const CHECKS: readonly Check[] = [database, documents, abandoned, refused, reports, lag, host];

function error(about: string, text: string): Problem {
  return { level: 'error', about, text };
}

function warning(about: string, text: string): Problem {
  return { level: 'warning', about, text };
}

function counted(count: number | bigint, one: string, many: string): string {
  return `${count} ${BigInt(count) === 1n ? one : many}`;
}

export function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.round((toMs - fromMs) / 100) / 10);
}

const UNITS = [
  ['day', DAY_S],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `2 minutes`: the largest unit of which there are two, else the seconds. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [name, size] = UNITS.find(([, size]) => whole >= 2 * size) ?? ['second', 1];
  const count = Math.floor(whole / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
