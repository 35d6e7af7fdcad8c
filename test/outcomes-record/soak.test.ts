// I14, I15: random batches, redeliveries, late twins, connections killed at random moments and a server that
// crashes: at the end each record is one row or one quarantined record. `npm run soak` for 200,000 records;
// SEED repeats a run as far as the machine's timing lets it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RecordPorts } from '../../functions/outcomes/record/record.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import type { Message } from '../support/kafka-record.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';

const server = useTestPostgres();

const RECORDS = Number(process.env.SOAK_RECORDS ?? 5_000);
const BATCH_MAX = RECORDS > 50_000 ? 1_000 : 150;
const BAD_SHARE = 0.02;
const CRASH_EVERY = RECORDS > 50_000 ? 60 : 4;
const CRASHES_MAX = 3;
/** Two and two on one rollup shard. */
const PARTITIONS = [0, 1, 8, 9];
const TIME_LIMIT_MS = 60_000 + RECORDS * 6;
const BAD_VALUES = [
  '{"win_price":"NaN"}',
  '{"user_id":"\\u0000"}',
  '[]',
  '{"timestamp":"2025-02-30"}',
];

interface Log {
  readonly partition: number;
  readonly messages: readonly Message[];
  /** Cents, by whether it was won: what the sums must come to. */
  readonly cents: readonly [lost: bigint, won: bigint];
  readonly bad: readonly string[];
  /** As the consumer group has it: everything below was acknowledged. */
  committed: number;
}

function makeLog(random: Random, partition: number, length: number): Log {
  const cents: [bigint, bigint] = [0n, 0n];
  const bad: string[] = [];
  const messages = Array.from({ length }, (_, offset) => {
    if (random.chance(BAD_SHARE)) {
      bad.push(`auction_outcomes/${partition}/${offset}`);
      return { partition, offset, value: random.pick(BAD_VALUES) };
    }
    const won = random.chance(0.6);
    const price = random.below(100_000);
    cents[Number(won) as 0 | 1] += BigInt(price);
    const value = {
      ...{ bid_request_id: `b-${offset}`, user_id: `u-${random.below(500)}`, win_status: won },
      ...{ site_domain: `s${random.below(40)}.example`, currency: random.pick(['USD', 'EUR']) },
      ...{
        enriched: random.chance(0.5),
        win_price: price / 100,
        bid_price: (price / 100).toFixed(2),
      },
      timestamp: new Date(1_735_689_600_000 + random.below(90 * 86_400) * 1_000).toISOString(),
    };
    return { partition, offset, value: JSON.stringify(value) };
  });
  return { partition, messages, cents, bad, committed: 0 };
}

/** Delivers the log to its end as Lambda's poller does: again from where it stands when a batch fails. */
async function deliver(log: Log, ports: RecordPorts, random: Random): Promise<string[]> {
  const failures: string[] = [];
  while (log.committed < log.messages.length) {
    const start = Math.max(0, log.committed - (random.chance(0.2) ? random.below(BATCH_MAX) : 0));
    const end = log.committed + 1 + random.below(BATCH_MAX);
    try {
      await recordMessages(log.messages.slice(start, end), ports);
      log.committed = Math.max(log.committed, Math.min(end, log.messages.length));
    } catch (error) {
      failures.push(error instanceof Error ? error.name : String(error));
      await sleep(random.below(20));
    }
  }
  return failures;
}

async function disturb(database: Sql, random: Random, isOver: () => boolean): Promise<number> {
  let crashes = 0;
  for (let round = 1; !isOver(); round += 1) {
    await sleep(10 + random.below(80));
    if (round % CRASH_EVERY === 0 && crashes < CRASHES_MAX) {
      crashes += 1;
      await server.crash();
    }
    // The disturber's own connection may have gone with the server.
    await database`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and random() < 0.2`.catch(
      () => {},
    );
  }
  return crashes;
}

test(`${RECORDS} records, two deliveries of every partition at once, killed at random`, {
  timeout: TIME_LIMIT_MS,
}, async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const logs = PARTITIONS.map((partition) =>
    makeLog(random, partition, RECORDS / PARTITIONS.length),
  );
  let isOver = false;
  const disturbance = disturb(server.connect(env, 1), random, () => isOver);
  const deliveries = ['one Lambda', 'its late twin'].flatMap(() => {
    const ports = recordPorts(server.connect(env, 4), quarantine);
    return logs.map((log) => deliver(log, ports, random));
  });
  const started = performance.now();
  const failures = (await Promise.all(deliveries)).flat();
  const seconds = (performance.now() - started) / 1_000;
  isOver = true;
  const crashes = await disturbance;
  console.log(
    `soak: seed ${seed}, ${RECORDS} records in ${seconds.toFixed(1)} s, ` +
      `${failures.length} failed batches, ${crashes} server crashes`,
  );

  const bad = new Set(logs.flatMap((log) => log.bad));
  expect([...quarantine.reasons.keys()].sort(), `seed ${seed}`).toEqual([...bad].sort());
  const all = logs.flatMap(({ partition, messages }) =>
    messages.map(({ offset }) => `auction_outcomes/${partition}/${offset}`),
  );
  const good = all.filter((position) => !bad.has(position));
  expect((await recordedPositions(sql)).sort(), `seed ${seed}`).toEqual(good.sort());
  await expectRollupsEqualRows(sql);
  const sums = await sql`
    select win_status, (100 * sum(win_price_sum))::bigint as win, (100 * sum(bid_price_sum))::bigint as bid
    from outcome_days group by win_status order by win_status`;
  const [lost, won] = [0, 1].map((status) =>
    String(logs.reduce((sum, { cents }) => sum + (cents[status as 0 | 1] ?? 0n), 0n)),
  );
  expect(sums, `seed ${seed}`).toEqual([
    { win_status: false, win: lost, bid: lost },
    { win_status: true, win: won, bid: won },
  ]);
  expect(new Set(failures), 'nothing failed but connections, and those did').toEqual(
    new Set(['ConnectionError']),
  );
});
