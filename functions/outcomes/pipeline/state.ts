// How the pipeline stands: what its endpoints tell, before it is text. Pure.

export type Half = 'orders' | 'outcomes';

/** One partition of one topic. `undefined`: not known, which is another thing than none. */
export interface StreamState {
  readonly half: Half;
  readonly epoch: string | undefined;
  readonly topic: string;
  readonly partition: number;
  /** The last one that is done with. */
  readonly offset: bigint | undefined;
  readonly newestEventMs: number | undefined;
  readonly movedMs: number | undefined;
  /** Records that wait. */
  readonly lag: bigint | undefined;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export interface RefusedRecord extends Position {
  readonly key: string;
  readonly keptMs: number;
  readonly bytes: number;
}

export interface Refusal extends RefusedRecord {
  /** `undefined`: the beginning of its document cannot be read. */
  readonly reason: string | undefined;
}

export interface QuarantineState {
  /** Of those that were listed. */
  readonly count: number;
  /** False: there are more than are listed at once. */
  readonly isComplete: boolean;
  /** The newest, newest first: as many as are read at once. */
  readonly newest: readonly Refusal[];
}

export interface Merge {
  readonly segments: number;
  readonly milliseconds: number;
  readonly taken_up: boolean;
  readonly segments_waiting: number;
}

export interface ReportRunState {
  readonly generatedAt: string;
  readonly version: string | undefined;
  readonly epoch: number | undefined;
  readonly merge: Merge | undefined;
}

export interface SchemaState {
  readonly newest: string | undefined;
  readonly appliedAt: string | undefined;
  readonly pending: readonly string[];
}

export interface HostState {
  readonly writtenMs: number;
  /** How `npm run quarantine` finds what is in quarantine. */
  readonly quarantineOptions: string | undefined;
  /** All that it tells, as it tells it. */
  readonly told: Readonly<Record<string, unknown>>;
}

export interface PipelineState {
  readonly nowMs: number;
  readonly flushIntervalS: number;
  /** `undefined`: the database tells nothing. */
  readonly schema: SchemaState | undefined;
  /** Why it tells nothing, as a sentence. */
  readonly databaseFault: string | undefined;
  readonly run: ReportRunState | undefined;
  readonly streams: readonly StreamState[];
  readonly quarantine: QuarantineState;
  /** Batches that Lambda gave up; as many as one listing holds. */
  readonly abandoned: number;
  readonly host: HostState | undefined;
  /** Documents that are there and cannot be read. */
  readonly unreadable: readonly string[];
}
