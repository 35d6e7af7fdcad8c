// The outcomes' half: a server and a database of its own, filled, then each section in turn.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { ENV } from '../../functions/contracts.ts';
import { buildFunctions } from '../../scripts/bundle.ts';
import { findFreePorts } from '../../test/platform/free-ports.ts';
import { Postgres } from '../../test/platform/postgres.ts';
import type { Figure } from '../measure.ts';
import { loadApi, loadHandler } from './api.ts';
import { benchBounds } from './bounds.ts';
import { benchExport } from './export.ts';
import { fill } from './fill.ts';
import { benchMonths } from './months.ts';
import { benchReads } from './reads.ts';
import { benchRecord } from './record.ts';
import type { Bench } from './setting.ts';

export const SECTIONS = ['reads', 'bounds', 'export', 'months', 'record'] as const;
export type Section = (typeof SECTIONS)[number];

const RUN: Readonly<Record<Section, (bench: Bench) => AsyncIterable<Figure>>> = {
  reads: benchReads,
  bounds: benchBounds,
  export: benchExport,
  months: benchMonths,
  record: benchRecord,
};

export async function* benchOutcomes(asked: {
  readonly rows: number;
  readonly sections: readonly Section[];
}): AsyncGenerator<Figure> {
  const directory = await mkdtemp(join(tmpdir(), 'outcomes-bench-'));
  // The server runs as another user when this runs as root.
  await chmod(directory, 0o755);
  const [port = 0] = await findFreePorts(1);
  const server = new Postgres(join(directory, 'data'), port);
  process.once('exit', () => server.killNow());
  await server.start();
  const { host, user, password, database } = server.address;
  const env = {
    ...{ [ENV.dbHost]: host, [ENV.dbPort]: String(port), [ENV.dbName]: database },
    ...{ [ENV.dbUser]: user, [ENV.dbPassword]: password },
    ...{ [ENV.bucket]: 'bench', [ENV.logLevel]: 'SILENT', AWS_REGION: 'us-east-1' },
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  Object.assign(process.env, env);
  const sql = postgres({ host, port, user, password, database, max: 1, onnotice: () => {} });
  try {
    await buildFunctions();
    await (await loadHandler('migrate-database'))({}, {});
    process.stderr.write(`Filling ${asked.rows.toLocaleString('en-US')} rows ...\n`);
    await fill(sql, asked.rows);
    const ask = await loadApi();
    for (const section of asked.sections) yield* RUN[section]({ sql, ask, env, rows: asked.rows });
  } finally {
    await sql.end({ timeout: 0 });
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
