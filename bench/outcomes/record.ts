// Recording batches as the function does, beside COPY of the same rows into the same table and indexes. Processor of this process
// and of the server's together.
import type { Sql } from 'postgres';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
import { makeRecorderStore } from '../../functions/outcomes/record/recorder-store.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import { type Figure, figureOf, median, ownProcessor, processorOf } from '../measure.ts';
import { COLUMNS, rowsSql } from './fill.ts';
import type { Bench } from './setting.ts';

const ROWS = 10_000;
const ROUNDS = 7;
const LIMIT = 1.5;

export async function* benchRecord({ sql, env }: Bench): AsyncGenerator<Figure> {
  const client = makePostgres(env, { functionName: 'record-outcomes', connectionsMax: 1 });
  const [recorder] = await client<{ pid: number }>`select pg_backend_pid() as pid`;
  const [copier] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const ports = {
    outcomes: makeRecorderStore(client),
    quarantine: { put: async () => {} },
    streamEpoch: '0',
    logger: { warn: () => {} },
  };
  let next = 0;
  for (const size of [100, 1_000, 10_000]) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const rows = await recentRows(sql, next, ROWS);
      const events = batchesOf(rows, size).map(eventOf);
      const record = async () => {
        for (const event of events) {
          for (const batch of readPartitionBatches(event)) await recordPartition(batch, ports);
        }
      };
      const texts = batchesOf(rows, size).map(copyText);
      const copy = async () => {
        for (const text of texts) await copyIn(sql, text);
      };
      const a = await processorOfBoth(Number(recorder?.pid), record);
      const b = await processorOfBoth(Number(copier?.pid), copy);
      next += ROWS;
      if (round < 0) continue;
      ours.push(a / ROWS);
      theirs.push(b / ROWS);
    }
    yield figureOf({
      name: `record, ${size} a batch`,
      unit: 'µs of processor a row',
      ours: median(ours),
      beside: 'COPY',
      theirs: median(theirs),
      ...(size >= 1_000 && { limit: LIMIT }),
    });
  }
  await client.end();
}

async function processorOfBoth(server: number, work: () => Promise<void>): Promise<number> {
  const before = ownProcessor() + processorOf(server);
  await work();
  return ownProcessor() + processorOf(server) - before;
}

type Row = Readonly<Record<string, string | boolean>>;

/** Of the last hour, as a stream that keeps up brings them. */
function recentRows(sql: Sql, first: number, count: number): Promise<Row[]> {
  const days = (first + count) / count / 24;
  return sql.unsafe<Row[]>(
    `select bid_id, user_id, site_domain, win_status, win_price::text, bid_price::text, currency, enriched,
      "timestamp"::text, user_interests::text, raw_data::text
      from (${rowsSql(first + count, days)}) as drawn`,
    [first + 1, first + count],
  );
}

function batchesOf(rows: readonly Row[], size: number): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

let offset = 0;
function nextOffset(): number {
  offset += 1;
  return offset;
}

function eventOf(rows: readonly Row[]) {
  const records = rows.map((row) => ({
    topic: 'bench',
    partition: 1,
    offset: nextOffset(),
    timestamp: Date.now(),
    value: Buffer.from(messageOf(row)).toString('base64'),
    headers: [],
  }));
  return { records: { 'bench-1': records } };
}

/** The raw message, with the price that was paid. */
function messageOf({ raw_data, win_price }: Row): string {
  return String(raw_data).replace('{', `{"win_price": ${win_price}, `);
}

function copyText(rows: readonly Row[]): string {
  return rows
    .map((row) =>
      [
        ...[
          row.bid_id,
          row.user_id,
          row.site_domain,
          row.win_status,
          row.win_price,
          row.bid_price,
          row.currency,
        ],
        ...[
          row.enriched,
          row.timestamp,
          row.user_interests,
          messageOf(row),
          'bench',
          '2',
          String(nextOffset()),
        ],
      ]
        .map((value) => String(value).replaceAll('\\', '\\\\'))
        .join('\t'),
    )
    .join('\n');
}

async function copyIn(sql: Sql, text: string): Promise<void> {
  const stream = await sql.unsafe(`copy auction_outcomes (${COLUMNS}) from stdin`).writable();
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject).on('finish', resolve).end(text);
  });
}
