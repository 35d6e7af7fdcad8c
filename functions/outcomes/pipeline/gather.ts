// Brings together how the pipeline stands: the outcomes' positions from PostgreSQL, the orders' from what the report
// run tells, the lag from what the host tells, the quarantine from S3.
import { DatabaseError } from '../../platform/database-errors.ts';
import { LateError, within } from '../../platform/within.ts';
import { readGeneratedAt } from '../respond/report-rows.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import type { ReportsStore } from '../store/reports-store.ts';
import {
  type HostDocument,
  hostDocument,
  type RunDocument,
  readDocument,
  runDocument,
} from './documents.ts';
import type { PipelineStore } from './pipeline-store.ts';
import {
  type MigrationRow,
  migrationsQuery,
  type PositionRow,
  positionsQuery,
} from './positions-query.ts';
import { HOST_SILENT_S, secondsBetween } from './problems.ts';
import type { PipelineState, ReportRunState, SchemaState, StreamState } from './state.ts';

export interface PipelineSources {
  readonly outcomes: OutcomesStore;
  readonly reports: ReportsStore;
  readonly pipeline: PipelineStore;
  readonly flushIntervalS: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const REASONS_READ_MAX = 200;
/** Whoever looks after the pipeline asks most when something stands still. */
const DATABASE_MS = 2_000;

export async function gatherPipeline(sources: PipelineSources): Promise<PipelineState> {
  const { pipeline, now, flushIntervalS } = sources;
  const [database, runText, hostText, quarantine, abandoned] = await Promise.all([
    readDatabase(sources.outcomes),
    pipeline.runDocument(),
    pipeline.hostDocument(),
    readQuarantine(pipeline),
    pipeline.countAbandoned(),
  ]);
  const run = runText === undefined ? undefined : readDocument(runDocument, runText);
  const told = hostText === undefined ? undefined : readDocument(hostDocument, hostText);
  const rows = typeof database === 'string' ? undefined : database;
  const nowMs = now();
  return {
    ...{ nowMs, flushIntervalS, quarantine, abandoned },
    schema: rows && (await schemaOf(rows.migrations)),
    databaseFault: typeof database === 'string' ? database : undefined,
    run: run ? runStateOf(run) : await newestReport(sources.reports),
    streams: withLag([...ordersOf(run), ...(rows?.positions ?? []).map(outcomesOf)], told, nowMs),
    host: told && {
      writtenMs: Date.parse(told.written_at),
      quarantineOptions: told.quarantine_options,
      told,
    },
    unreadable: [
      ...(runText !== undefined && !run ? ['pipeline/latest.json'] : []),
      ...(hostText !== undefined && !told ? ['pipeline/host.json'] : []),
    ],
  };
}

interface DatabaseRows {
  readonly migrations: readonly MigrationRow[];
  readonly positions: readonly PositionRow[];
}

/** Or why it tells nothing, when it is not available, not migrated or silent: the rest can be told all the same. */
async function readDatabase(outcomes: OutcomesStore): Promise<DatabaseRows | string> {
  try {
    return await within(DATABASE_MS, 'The database', readRows(outcomes));
  } catch (error) {
    if (error instanceof LateError) return error.message;
    if (error instanceof DatabaseError) return 'The database is not available.';
    throw error;
  }
}

async function readRows(outcomes: OutcomesStore): Promise<DatabaseRows> {
  const migrations = await outcomes.rows(migrationsQuery());
  const hasPositions = migrations.some(({ name }) => name >= '0005');
  return { migrations, positions: hasPositions ? await outcomes.rows(positionsQuery()) : [] };
}

async function readQuarantine(pipeline: PipelineStore) {
  const { records, isComplete } = await pipeline.listRefused();
  const newest = await pipeline.withReasons(records.slice(0, REASONS_READ_MAX));
  return { count: records.length, isComplete, newest };
}

async function schemaOf(migrations: readonly MigrationRow[]): Promise<SchemaState> {
  // With all their SQL, which no other request needs.
  const { MIGRATIONS } = await import('../migrate/migrations.ts');
  const applied = new Set(migrations.map(({ name }) => name));
  const last = migrations.at(-1);
  return {
    newest: last?.name,
    appliedAt: last?.applied_at,
    pending: Object.keys(MIGRATIONS).filter((name) => !applied.has(name)),
  };
}

function runStateOf({ generated_at: generatedAt, build: version, epoch, merge }: RunDocument) {
  return { generatedAt, version, epoch, merge };
}

/** Where no run has told of itself. */
async function newestReport(reports: ReportsStore): Promise<ReportRunState | undefined> {
  const newest = await reports.newest('summary');
  const generatedAt = newest && readGeneratedAt(newest.document);
  return generatedAt === undefined
    ? undefined
    : { generatedAt, version: undefined, epoch: undefined, merge: undefined };
}

function ordersOf(run: RunDocument | undefined): StreamState[] {
  return (run?.streams ?? []).map(({ epoch, topic, partition, offset, newest_event_at: at }) => ({
    ...{ half: 'orders', epoch, topic, partition },
    offset: offsetOf(offset),
    newestEventMs: at === null ? undefined : Date.parse(at),
    movedMs: undefined,
    lag: undefined,
  }));
}

function outcomesOf({ epoch, topic, partition, ...row }: PositionRow): StreamState {
  return {
    ...{ half: 'outcomes', epoch, topic, partition },
    offset: offsetOf(row.last_offset),
    newestEventMs: row.newest_event_ms === null ? undefined : Number(row.newest_event_ms),
    movedMs: Number(row.moved_ms),
    lag: undefined,
  };
}

/** -1 before the first. */
function offsetOf(text: string): bigint | undefined {
  const offset = BigInt(text);
  return offset < 0n ? undefined : offset;
}

/** A partition that only the host knows has its place as well: nothing of it is counted yet. */
function withLag(
  streams: readonly StreamState[],
  host: HostDocument | undefined,
  nowMs: number,
): StreamState[] {
  const isHeard = host && secondsBetween(Date.parse(host.written_at), nowMs) <= HOST_SILENT_S;
  const told = new Map((isHeard ? host.streams : []).map((one) => [nameOf(one), one]));
  const known = new Set(streams.map(nameOf));
  const unknown = [...told.values()].filter((one) => !known.has(nameOf(one)));
  return [
    ...streams,
    ...unknown.map(({ half, topic, partition, next_offset: next }) => ({
      ...{ half, topic, partition, offset: offsetOf(String(BigInt(next) - 1n)) },
      ...{ epoch: undefined, newestEventMs: undefined, movedMs: undefined, lag: undefined },
    })),
  ]
    .map((stream) => {
      const one = told.get(nameOf(stream));
      return one ? { ...stream, lag: BigInt(one.end_offset) - BigInt(one.next_offset) } : stream;
    })
    .sort(byName);
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}

function byName(a: StreamState, b: StreamState): number {
  const [x, y] = [a, b].map(({ half, topic }) => `${half} ${topic}`);
  return x === y ? a.partition - b.partition : (x ?? '') < (y ?? '') ? -1 : 1;
}
