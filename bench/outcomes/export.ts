// All that match as CSV, beside COPY TO of the same columns into the same process.
import { finished } from 'node:stream/promises';
import { readOrdering } from '../../functions/outcomes/query/ordering.ts';
import { allQuery, DETAIL_COLUMNS } from '../../functions/outcomes/query/outcomes-query.ts';
import { exportText } from '../../functions/outcomes/respond/export.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import { comparePair, type Figure, figureOf, median, timeOf } from '../measure.ts';
import type { Bench } from './setting.ts';

const ROWS = 100_000;
const ROUNDS = 7;

export async function* benchExport({ sql, ask, env, rows }: Bench): AsyncGenerator<Figure> {
  const client = makePostgres(env, { functionName: 'serve-api', connectionsMax: 1 });
  const [edge] = await sql<{ micros: string; at: string }[]>`
    select "timestamp"::text as at, (extract(epoch from "timestamp") * 1000000)::bigint as micros from auction_outcomes
    order by "timestamp" desc offset ${Math.min(ROWS, rows) - 1}::bigint limit 1`;
  if (!edge) throw new Error('There are no rows to export.');
  const selection = {
    columns: DETAIL_COLUMNS,
    filters: { timestamp_after: BigInt(edge.micros), timestamp_before: undefined },
    ordering: readOrdering([]),
  };
  yield await comparePair({
    name: `export of ${Math.min(ROWS, rows).toLocaleString('en-US')} rows as CSV`,
    ours: async () => {
      let bytes = 0;
      for await (const piece of exportText(
        { format: 'csv', hasRawData: false, isSpreadsheetSafe: false },
        makeOutcomesStore(client).stream(allQuery(selection)),
      )) {
        bytes += Buffer.byteLength(piece);
      }
      return bytes;
    },
    beside: 'COPY TO',
    theirs: async () => {
      const stream = await sql
        .unsafe(
          `copy (select id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched, "timestamp",
            auction_timestamp, user_interests, created_at, updated_at from auction_outcomes
            where "timestamp" >= '${edge.at}' order by "timestamp" desc, id desc) to stdout (format csv)`,
        )
        .readable();
      stream.resume();
      await finished(stream);
    },
    limit: 2,
    rounds: ROUNDS,
  });
  await client.end();
  const times: number[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    times.push(
      await timeOf(async () => {
        status = (await ask('/api/outcomes/?format=csv')).status;
      }),
    );
  }
  yield figureOf({
    name: `export of all, refused (${status})`,
    unit: 'ms',
    ours: median(times),
    beside: 'bound',
    limit: 250,
  });
}
