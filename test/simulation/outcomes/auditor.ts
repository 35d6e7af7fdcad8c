// What must be true of the stores, worked out from the source's history alone.
import type { Sql } from '../../../functions/platform/sql-client.ts';
import { type History, type SourceRecord, TOPIC } from './history.ts';
import type { ExpectedRow } from './messages.ts';
import type { Objects } from './objects.ts';

const DIMENSIONS = 'day, currency, win_status, enriched';

/** Both rollups against the same grouping of the rows, in one statement and so of one moment. */
const DIFFERENCES = ['', 'site_domain, ']
  .map((site) => {
    const by = `${site}${DIMENSIONS}`;
    const table = site ? 'outcome_site_days' : 'outcome_days';
    return `select '${table}' as rollup, ${by.replace('site_domain', 'site_domain::text')}, of_rows.figures::text as of_rows, of_rollup.figures::text as of_rollup
      from (select ${by}, (count(*)::numeric, sum(win_price), sum(bid_price)) as figures from counted group by ${by}) as of_rows
      full join (select ${by}, (sum(outcomes), sum(win_price_sum), sum(bid_price_sum)) as figures from ${table} group by ${by}) as of_rollup
      using (${by}) where of_rows.figures is distinct from of_rollup.figures`;
  })
  .map((query) => `select to_jsonb(differing)::text as difference from (${query}) as differing`);
const ROLLUP_DIFFERENCES = `with counted as (
    select *, ("timestamp" at time zone 'UTC')::date as day from auction_outcomes
  ) ${DIFFERENCES.join(' union all ')} limit 3`;

export async function rollupDifferences(sql: Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ difference: string }>(ROLLUP_DIFFERENCES);
  return rows.map(({ difference }) => `rollup is not its rows: ${difference}`);
}

interface StoredRow extends ExpectedRow {
  readonly partition: number;
  readonly offset: string;
  readonly raw_data: string;
}

const ROWS = `select kafka_partition as partition, kafka_offset::text as offset, raw_data::text,
    bid_id, user_id, site_domain, win_status, win_price::text, bid_price::text, currency, enriched,
    (extract(epoch from "timestamp") * 1000000)::numeric(40, 0)::text as micros,
    (extract(epoch from auction_timestamp) * 1000000)::numeric(40, 0)::text as auction_micros, user_interests::text
  from auction_outcomes where kafka_topic = '${TOPIC}'`;

interface Expected {
  readonly good: ReadonlyMap<string, SourceRecord>;
  readonly bad: ReadonlyMap<string, SourceRecord>;
}

function expectedOf({ partitions }: History): Expected {
  const all = partitions.flatMap(({ partition, records }) =>
    records.map((record) => [`${partition}/${record.offset}`, record] as const),
  );
  const isGood = ([, { becomes }]: (typeof all)[number]) => typeof becomes !== 'string';
  return {
    good: new Map(all.filter(isGood)),
    bad: new Map(all.filter((one) => !isGood(one))),
  };
}

/** At quiet. `keptFrom`: rows before that month may have been dropped, and their sums kept. */
export async function audit(
  sql: Sql,
  history: History,
  objects: Objects,
  keptFrom: string | undefined,
): Promise<string[]> {
  const expected = expectedOf(history);
  return [
    ...(await auditRows(sql, expected, keptFrom)),
    ...auditQuarantine(objects, expected.bad),
    ...(await auditPositions(sql, history)),
    ...(await rollupDifferences(sql)),
    ...(await auditAllTime(sql, [...expected.good.values()])),
  ];
}

async function auditRows(sql: Sql, { good }: Expected, keptFrom = ''): Promise<string[]> {
  const rows = await sql.unsafe<StoredRow>(ROWS);
  const seen = new Map<string, StoredRow>();
  const failures: string[] = [];
  for (const row of rows) {
    const position = `${row.partition}/${row.offset}`;
    const record = good.get(position);
    if (seen.has(position)) failures.push(`two rows of ${position}`);
    else if (!record) failures.push(`a row of ${position}, which is no good record`);
    else failures.push(...rowDifferences(position, row, record));
    seen.set(position, row);
  }
  const [strays] = await sql.unsafe<{ count: string }>('select count(*) from auction_outcomes');
  if (strays?.count !== String(rows.length)) failures.push('rows of another topic');
  const cut = keptFrom === '' ? undefined : BigInt(Date.parse(`${keptFrom}-01T00:00:00Z`)) * 1_000n;
  for (const [position, { becomes }] of good) {
    if (seen.has(position) || typeof becomes === 'string') continue;
    if (cut === undefined || BigInt(becomes.micros) >= cut) failures.push(`no row of ${position}`);
  }
  return failures;
}

function rowDifferences(position: string, row: StoredRow, record: SourceRecord): string[] {
  if (typeof record.becomes === 'string') return [];
  return [
    ...Object.entries({ ...record.becomes })
      .filter(([column, value]) => row[column as keyof ExpectedRow] !== value)
      .map(
        ([column, value]) =>
          `${position}: ${column} is ${row[column as keyof ExpectedRow]}, must be ${value}`,
      ),
    ...(canonical(row.raw_data) === canonical(String(record.value))
      ? []
      : [`${position}: raw_data is not the message`]),
  ];
}

/** Names in one order; numbers as doubles, since jsonb writes them in a form of its own. */
function canonical(text: string): string {
  const object = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function auditQuarantine(objects: Objects, bad: Expected['bad']): string[] {
  const expected = new Map(
    [...bad].map(([position, record]) => [`quarantine/${TOPIC}/${position}.json`, record]),
  );
  const { bodies, changed } = objects;
  return [
    ...[...expected.keys()].filter((key) => !bodies.has(key)).map((key) => `no ${key}`),
    ...[...bodies.keys()].filter((key) => !expected.has(key)).map((key) => `${key} is no reject`),
    ...changed.map((key) => `${key} was written with something else`),
    ...[...bodies].flatMap(([key, body]) => {
      const record = expected.get(key);
      return record && !isDocumentOf(body, record) ? [`${key} is not its record: ${body}`] : [];
    }),
  ];
}

function isDocumentOf(body: string, { value, offset, becomes }: SourceRecord): boolean {
  const document = JSON.parse(body);
  const carried =
    document.value_base64 === undefined
      ? document.value === null
        ? null
        : Buffer.from(document.value)
      : Buffer.from(document.value_base64, 'base64');
  const isSame = value === null ? carried === null : carried?.equals(value);
  return (
    isSame === true &&
    document.reason.startsWith(`${becomes}:`) &&
    body.includes(`"offset": ${offset},`)
  );
}

async function auditPositions(sql: Sql, { partitions }: History): Promise<string[]> {
  const rows = await sql.unsafe<{ position: string }>(
    `select concat_ws('/', stream_epoch, kafka_topic, kafka_partition, last_offset) as position
     from stream_positions order by kafka_partition`,
  );
  const stored = rows.map(({ position }) => position);
  const expected = [...partitions]
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, records }) => `0/${TOPIC}/${partition}/${records.at(-1)?.offset}`);
  return stored.join() === expected.join()
    ? []
    : [`positions are ${stored.join()}, must be ${expected.join()}`];
}

/** What is kept and what retention dropped, together: every good record once. */
async function auditAllTime(sql: Sql, good: readonly SourceRecord[]): Promise<string[]> {
  const prices = good.flatMap(({ becomes }) =>
    typeof becomes === 'string' ? [] : [[becomes.win_price, becomes.bid_price] as const],
  );
  const [won, bid] = [0, 1].map((at) => prices.map((pair) => pair[at as 0 | 1]));
  const failures: string[] = [];
  for (const table of ['outcome_days', 'outcome_site_days']) {
    const columns = 'outcomes, win_price_sum, bid_price_sum';
    const [figures] = await sql.unsafe<{ stored: string; expected: string }>(
      `select concat_ws(' ', coalesce(sum(outcomes), 0), trim_scale(coalesce(sum(win_price_sum), 0)),
          trim_scale(coalesce(sum(bid_price_sum), 0))) as stored,
        (select concat_ws(' ', count(*), trim_scale(coalesce(sum(won), 0)), trim_scale(coalesce(sum(bid), 0)))
          from unnest($1::numeric[], $2::numeric[]) as source (won, bid)) as expected
      from (select ${columns} from ${table} union all select ${columns} from dropped_${table}) as both_tables`,
      [won ?? [], bid ?? []],
    );
    if (figures?.stored !== figures?.expected) {
      failures.push(
        `${table} with what was dropped: ${figures?.stored}, must be ${figures?.expected}`,
      );
    }
  }
  return failures;
}
