// What this host of the functions alone knows, told where serve-api reads it: how far each topic's reader is, and
// where all is on this machine.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { hostKey } from '../functions/contracts.ts';
import type { Progress } from './progress.ts';
import type { Stores } from './stores/open-stores.ts';
import type { Routes } from './stream/routes.ts';
import type { LocalTopics } from './stream/topics.ts';

export interface HostStateParts {
  readonly stores: Pick<Stores, 's3' | 'bucket' | 'paths' | 'endpoints' | 'table'>;
  readonly reportPrefix: string;
  readonly postgresPort: number;
  readonly topics: LocalTopics;
  readonly routes: Routes;
  readonly progress: Progress;
}

/** As long as nothing changes; who reads it takes a minute's silence for a host that is gone. */
const UNCHANGED_MS = 10_000;

export class HostState {
  readonly #parts: HostStateParts;
  #told = { text: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(parts: HostStateParts) {
    this.#parts = parts;
  }

  async tell(nowMs: number): Promise<void> {
    const { stores, reportPrefix } = this.#parts;
    const state = hostState(this.#parts, nowMs);
    const text = JSON.stringify(state);
    if (text === this.#told.text && nowMs - this.#told.atMs < UNCHANGED_MS) return;
    const document = { written_at: new Date(nowMs).toISOString(), ...state };
    await stores.s3.send(
      new PutObjectCommand({
        Bucket: stores.bucket,
        Key: hostKey(reportPrefix),
        Body: `${JSON.stringify(document, null, 2)}\n`,
        ContentType: 'application/json',
      }),
    );
    this.#told = { text, atMs: nowMs };
  }
}

/** @param nowMs what the rate is measured with: call it about once a second. */
function hostState(parts: HostStateParts, nowMs: number): object {
  const { stores, postgresPort, topics, routes, progress } = parts;
  return {
    data_directory: stores.paths.root,
    endpoints: { ...stores.endpoints, postgres: postgresPort },
    table: stores.table,
    bucket: stores.bucket,
    quarantine_options: `--data-dir ${quoted(stores.paths.root)}`,
    ...progress.counts,
    outcomes: progress.outcomes,
    lag: topics.lag(),
    rate: Math.round(progress.rate(nowMs) * 10) / 10,
    newest_report: progress.newestReport?.generatedAt ?? null,
    streams: topics.logs.map((log) => ({
      half: routes(log.topic) === 'record-outcomes' ? 'outcomes' : 'orders',
      topic: log.topic,
      partition: log.partition,
      next_offset: topics.next(log).toString(),
      end_offset: log.nextOffset.toString(),
    })),
  };
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
