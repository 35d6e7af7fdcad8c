// What must be true when all is quiet, each asked of the engines themselves. A difference is a line of text.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS, quarantineKey, REPORTS, reportKey } from '../../functions/contracts.ts';
import { Decimal } from '../../functions/orders/decimal.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Answers, expectedReports, onOneLine } from '../../local/replay/answers.ts';
import { hostFunctions } from '../../local/service/functions.ts';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import { askSource } from '../capture/answers.ts';
import type { CapturedRecord } from '../capture/recorder.ts';
import { exactJson } from '../support/exact-json.ts';
import { expectRollupsEqualRows, recordedPositions } from '../support/outcomes.ts';
import { proxyEvent } from '../support/proxy-event.ts';
import { type Engines, LOGS, TABLE } from './engines.ts';
import { judgeEveryRun } from './every-run.ts';
import { listKeys, openS3, readText } from './objects.ts';
import { withSource } from './shop.ts';
import { NAME_HEADER, POISON_HEADER } from './traffic.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SHOWN_MAX = 5;
const AUDIT_BYTES_MAX = 100 * 1024 ** 2;

export interface Evidence {
  /** All that the topics hold, read from their beginning by another consumer. */
  readonly records: readonly CapturedRecord[];
  /** The names of the records that Kafka acknowledged to their producer. */
  readonly acknowledged: ReadonlySet<string>;
  /** Why the last reports could not be written. */
  readonly failures: readonly string[];
}

export interface Verdict {
  /** How many times all five reports were written, of which each was looked at. */
  readonly runs: number;
  readonly differences: readonly string[];
}

export async function judge(engines: Engines, evidence: Evidence): Promise<Verdict> {
  const s3 = openS3(engines);
  const sql = makePostgres(engines.env, { functionName: 'serve-api', connectionsMax: 2 });
  try {
    const runs = await judgeEveryRun(s3);
    const differences = [
      ...evidence.failures,
      ...(await judgeReports(engines, s3)),
      ...runs.differences,
      ...judgeTopics(evidence),
      ...(await judgeRows(sql, evidence)),
      ...(await judgeQuarantine(s3, evidence)),
      ...(await judgeApi(engines, sql)),
      ...(await judgeAggregates(engines)),
    ];
    return { runs: runs.complete, differences };
  } finally {
    s3.destroy();
    await sql.end();
  }
}

/** The newest reports against SQL on the source, digit by digit and in the order of ranks. */
async function judgeReports({ platform }: Engines, s3: S3Client): Promise<string[]> {
  // As the captures keep them, whose count of records is their own affair.
  const asked = JSON.stringify({ records: 0, ...(await withSource(platform, askSource)) });
  const answers: Answers = JSON.parse(asked);
  const texts = new Map<string, string>();
  for (const { name } of REPORTS) {
    const Key = reportKey(DEFAULTS.reportPrefix, name, 'latest');
    texts.set(name, onOneLine(await readText(s3, Key)));
  }
  const { generated_at } = JSON.parse(texts.get('summary') ?? '{}');
  const expected = expectedReports(answers, generated_at);
  return Object.entries(expected).flatMap(([name, document]) => {
    const parts = (text: string) => text.split(/,(?=")/);
    return compareSets(
      `report ${name}`,
      parts(document),
      parts(texts.get(name) ?? ''),
      document === texts.get(name),
    );
  });
}

function judgeTopics({ records, acknowledged }: Evidence): string[] {
  const held = new Set(records.flatMap((record) => headerOf(record, NAME_HEADER) ?? []));
  const lost = [...acknowledged].filter((name) => !held.has(name));
  return lost.length > 0 ? [`Kafka lost ${lost.length} records that it had acknowledged`] : [];
}

/** Each record of the outcomes' topic that is no poison is one row; the rollups are those of the rows. */
async function judgeRows(sql: Sql, { records }: Evidence): Promise<string[]> {
  const expected = records
    .filter((record) => record.topic === OUTCOMES_TOPIC && !isPoison(record))
    .map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`);
  const rows = await recordedPositions(sql);
  const rollups = await expectRollupsEqualRows(sql).then(
    () => [],
    (error: unknown) => [`rollups: ${error instanceof Error ? error.message : String(error)}`],
  );
  return [...compareSets('outcome rows', expected, rows), ...rollups];
}

async function judgeQuarantine(s3: S3Client, { records }: Evidence): Promise<string[]> {
  const expected = records
    .filter(isPoison)
    .map(({ topic, partition, offset }) => quarantineKey(topic, partition, BigInt(offset)));
  return compareSets('quarantine', expected, await listKeys(s3, 'quarantine/'));
}

/** `stats` of the API, from the bundle that is deployed, against plain SQL over the rows. */
async function judgeApi({ env }: Engines, sql: Sql): Promise<string[]> {
  const functions = await hostFunctions({
    env,
    openDatabase: async () => ({}),
    ownsDatabase: false,
    logs: join(LOGS, 'logs'),
    debug: false,
  });
  try {
    const event = proxyEvent('/api/outcomes/stats/');
    const answer = JSON.parse(await functions.invoke('serve-api', JSON.stringify(event)));
    const stats = exactJson(answer.body);
    const [row] = await sql<Record<string, string>>`
      select count(*)::text as total_outcomes, count(*) filter (where win_status)::text as total_wins,
        count(*) filter (where enriched)::text as enriched_count,
        trim_scale(sum(win_price) filter (where win_status))::text as total_revenue
      from auction_outcomes`;
    return Object.entries(row ?? {}).flatMap(([name, expected]) =>
      Decimal.of(stats[name]).compare(Decimal.of(expected)) === 0
        ? []
        : [`API ${name}: ${stats[name]}, by SQL ${expected}`],
    );
  } finally {
    await functions.close();
  }
}

/** npm run audit. */
async function judgeAggregates({ env }: Engines): Promise<string[]> {
  const args = [join(ROOT, 'operate', 'audit.ts'), '--table', TABLE, '--json'];
  const run = promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env },
    maxBuffer: AUDIT_BYTES_MAX,
  });
  // It ends with 1 when it found something, and tells it all the same.
  const { stdout } = await run.catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  const { rows, differences } = JSON.parse(stdout);
  if (rows === 0) return ['audit: no rows'];
  return differences.map(
    ({ aggregate, attribute, actual, expected }: Record<string, string>) =>
      `audit: ${aggregate} ${attribute}: ${actual}, by the rows ${expected}`,
  );
}

function compareSets(
  what: string,
  expected: readonly string[],
  actual: readonly string[],
  isSame = expected.length === actual.length,
): string[] {
  const [wanted, there] = [new Set(expected), new Set(actual)];
  const missing = expected.filter((one) => !there.has(one));
  const surplus = actual.filter((one) => !wanted.has(one));
  if (isSame && missing.length + surplus.length === 0) return [];
  const shown = (list: readonly string[]) => list.slice(0, SHOWN_MAX).join(', ') || 'none';
  return [
    `${what}: ${expected.length} expected, ${actual.length} there; ` +
      `missing ${missing.length} (${shown(missing)}), surplus ${surplus.length} (${shown(surplus)})`,
  ];
}

export function isPoison(record: CapturedRecord): boolean {
  return headerOf(record, POISON_HEADER) !== undefined;
}

function headerOf({ headers }: CapturedRecord, name: string): string | undefined {
  return headers.find((header) => name in header)?.[name] ?? undefined;
}
