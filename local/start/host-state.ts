// What this host of the functions alone knows, told where serve-api reads it: how far each topic's reader is, and
// where all is on this machine.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { hostKey } from '../../functions/contracts.ts';
import type { Routes } from '../stream/routes.ts';
import { type Running, stateOf } from './running.ts';

/** As long as nothing changes; who reads it takes a minute's silence for a host that is gone. */
const UNCHANGED_MS = 10_000;

export class HostState {
  readonly #running: Running;
  readonly #reportPrefix: string;
  readonly #routes: Routes;
  #told = { text: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(running: Running, reportPrefix: string, routes: Routes) {
    this.#running = running;
    this.#reportPrefix = reportPrefix;
    this.#routes = routes;
  }

  async tell(nowMs: number): Promise<void> {
    const { s3, bucket } = this.#running.service.reports;
    const state = hostState(this.#running, this.#routes, nowMs);
    const text = JSON.stringify(state);
    if (text === this.#told.text && nowMs - this.#told.atMs < UNCHANGED_MS) return;
    const document = { written_at: new Date(nowMs).toISOString(), ...state };
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: hostKey(this.#reportPrefix),
        Body: `${JSON.stringify(document, null, 2)}\n`,
        ContentType: 'application/json',
      }),
    );
    this.#told = { text, atMs: nowMs };
  }
}

/** @param nowMs what the rate is measured with: call it about once a second. */
function hostState(running: Running, routes: Routes, nowMs: number): object {
  const { service, feed, progress } = running;
  const { stores, reports } = service;
  const isLocal = stores !== undefined && reports === stores;
  return {
    ...stateOf(running),
    quarantine_options: isLocal
      ? `--data-dir ${quoted(stores.paths.root)}`
      : `--bucket ${quoted(reports.bucket)}`,
    rate: Math.round(progress.rate(nowMs) * 10) / 10,
    streams: feed.partitions().map(({ topic, partition, next, end }) => ({
      half: routes(topic) === 'record-outcomes' ? 'outcomes' : 'orders',
      ...{ topic, partition },
      next_offset: next.toString(),
      end_offset: end.toString(),
    })),
  };
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
