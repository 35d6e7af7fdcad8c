// I14: killed at every step of the transaction and delivered again, a record is one row or one quarantined record.
import { expect, test } from 'vitest';
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import type { Sql, Statement } from '../../functions/platform/sql-client.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();

class Crash extends Error {}

/** Called before and after each statement, each commit and each write to quarantine. */
type Step = (name: string) => Promise<void>;

/** The client with `step` around each statement; `begin` hands out transactions of the same kind. */
function stepwise(sql: Sql, step: Step): Sql {
  const statementBy =
    (send: Statement): Statement =>
    (texts, ...values) =>
      around(step, `${texts[0]}`.trim().slice(0, 30), () => send(texts, ...values));
  const begin: Sql['begin'] = async (work) => {
    const result = await sql.begin((statement) => work(statementBy(statement)));
    await step('after commit');
    return result;
  };
  return Object.assign(statementBy(sql), { ...sql, begin });
}

async function around<T>(step: Step, name: string, run: () => Promise<T>): Promise<T> {
  await step(`before ${name}`);
  const result = await run();
  await step(`after ${name}`);
  return result;
}

const message = (offset: number) => ({
  offset,
  value: offset % 5 === 0 ? '{"win_price":"NaN"}' : `{"win_status":true,"win_price":0.${offset}1}`,
});
const stretch = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => message(from + index));

/** Records a batch and dies at the given step; answers that step's name, or `undefined` past the last. */
async function recordUntil(
  deadlyStep: number,
  { env, sql }: Awaited<ReturnType<typeof server.freshDatabase>>,
  quarantine: QuarantineStore,
): Promise<string | undefined> {
  const doomed = server.connect(env, 2);
  let steps = 0;
  let diedAt: string | undefined;
  const step: Step = async (name) => {
    steps += 1;
    if (steps !== deadlyStep) return;
    diedAt = name;
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    throw new Crash(name);
  };
  const put: QuarantineStore['put'] = (rejections) =>
    around(step, 'quarantine', () => quarantine.put(rejections));
  const ports = recordPorts(stepwise(doomed, step), { put });
  const result = await recordMessages(stretch(0, 40), ports).catch((error: unknown) => error);
  expect(result instanceof Error, `${diedAt}: ${result}`).toBe(diedAt !== undefined);
  return diedAt;
}

test('killed before and after each statement, quarantine and commit, then delivered in other batches', async () => {
  const died: string[] = [];
  for (let deadlyStep = 1; ; deadlyStep += 1) {
    const database = await server.freshDatabase();
    const quarantine = new MemoryQuarantine();
    const diedAt = await recordUntil(deadlyStep, database, quarantine);
    if (diedAt === undefined) break;
    died.push(diedAt);
    const ports = recordPorts(database.sql, quarantine);
    for (const [from, to] of [
      [0, 13],
      [5, 40],
      [20, 60],
    ] as const) {
      await recordMessages(stretch(from, to), ports);
    }
    const positions = [...(await recordedPositions(database.sql)), ...quarantine.reasons.keys()];
    const expected = stretch(0, 60).map(({ offset }) => `auction_outcomes/0/${offset}`);
    expect(positions.sort(), diedAt).toEqual(expected.sort());
    await expectRollupsEqualRows(database.sql);
  }
  // Partitions, lock, quarantine, insert, move: before and after each; and after the commit.
  expect(died.length).toBe(11);
});
