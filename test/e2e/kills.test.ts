// I27: PostgreSQL -> Debezium -> Kafka -> `npm run consume` -> DynamoDB Local, PostgreSQL and S3, while all of
// them are killed with SIGKILL. E2E_KILLS says how often, E2E_SEED repeats a run as far as the machine's
// timing lets it. Needs Java and Maven.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OUTCOMES_TOPIC } from '../../local/stream/routes.ts';
import { PRODUCTS_TOPIC } from '../capture/connector-settings.ts';
import { Recorder } from '../capture/recorder.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { CONSUME_LOG, type Engines, LOGS, startEngines } from './engines.ts';
import { loggedCounts, recordsOfFailedBatches } from './function-logs.ts';
import { carryOut, planRounds, type Recovery, untilAtWork } from './kills.ts';
import { CONNECTOR, SHOP_TOPICS, signalSnapshot, watchConnector, withSource } from './shop.ts';
import { committed, ends } from './topics.ts';
import { produceOutcomes } from './traffic.ts';
import { type Evidence, isPoison, judge, type Verdict } from './verdict.ts';

const KILLS = Number(process.env.E2E_KILLS || 20);
const SEED = Number(process.env.E2E_SEED || randomInt(1, 1_000_000));
const TIME_LIMIT_MS = 1_200_000 + KILLS * 120_000;
const CONSUMED_TIMEOUT_MS = 900_000;
const SHOWN_MAX = 25;
const LOOK_INTERVAL_MS = 1_000;
const READ_TOPICS = [...SHOP_TOPICS, OUTCOMES_TOPIC];
const MARKER = 'the last row';

const startedAt = performance.now();
function tell(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stderr.write(`${seconds.padStart(6)} s  ${text}\n`);
}

test(`${KILLS} kills, seed ${SEED}: reports = SQL on the source, rows = records`, {
  timeout: TIME_LIMIT_MS,
}, async () => {
  tell(`seed ${SEED}, ${KILLS} kills; starting the engines`);
  const engines = await startEngines(SEED);
  try {
    const { recoveries, evidence } = await disturb(engines);
    const verdict = await judge(engines, evidence);
    tell(closingTable(engines, recoveries, evidence, verdict));
    expect(verdict.differences, `seed ${SEED}`).toEqual([]);
  } catch (error) {
    tell(`consume's last lines:\n${engines.consumer.logTail()}`);
    throw error;
  } finally {
    await engines.stop();
  }
});

async function disturb(engines: Engines) {
  const { platform, shop, consumer, components } = engines;
  const isOver = new AbortController();
  const traffic = produceOutcomes(platform.kafka.bootstrap, SEED, isOver.signal);
  const watch = watchConnector(platform, isOver.signal);
  const recoveries: Recovery[] = [];
  try {
    shop.start();
    consumer.start();
    await untilAtWork(engines, { orders: 0, outcomes: 0 });
    tell('both halves at work');
    const rounds = planRounds(SEED, KILLS, [...components.keys()]);
    const snapshotsAt = [1, 3].map((quarter) => Math.floor((rounds.length * quarter) / 4));
    for (const [index, round] of rounds.entries()) {
      if (snapshotsAt.includes(index)) {
        await signalSnapshot(platform);
        tell('an incremental snapshot of all rows begins');
      }
      recoveries.push(await carryOut(round, engines, tell));
    }
    await shop.stop();
  } finally {
    isOver.abort();
  }
  const acknowledged = await traffic;
  tell(`the workload has stopped; failed tasks of the connector restarted: ${await watch}`);
  const records = await readAll(engines);
  const failures = await consumeAll(engines);
  return { recoveries, evidence: { records, acknowledged, failures } };
}

/** When the connector has sent the very last change, and was stopped in order, the topics are final. */
async function readAll({ platform }: Engines): Promise<Evidence['records']> {
  const recorder = new Recorder(platform.kafka.bootstrap, [...READ_TOPICS, PRODUCTS_TOPIC]);
  try {
    await platform.connect.waitUntilRunning(CONNECTOR);
    await withSource(platform, ({ sql }) => sql`insert into products (name) values (${MARKER})`);
    await recorder.start();
    await recorder.waitFor('the last row', (records) =>
      records.some(({ topic, value }) => topic === PRODUCTS_TOPIC && value?.includes(MARKER)),
    );
    await platform.connect.stopConnector(CONNECTOR);
    await recorder.readToEnd();
    return recorder.records.filter(({ topic }) => topic !== PRODUCTS_TOPIC);
  } finally {
    await recorder.close();
  }
}

/** Until nothing is left; then the consumer stops, which writes the last reports. Answers why it could not. */
async function consumeAll({ platform, consumer, check }: Engines): Promise<string[]> {
  const { bootstrap } = platform.kafka;
  const isDone = async () => {
    check();
    await sleep(LOOK_INTERVAL_MS);
    const [last, done] = [await ends(bootstrap, READ_TOPICS), await committed(bootstrap)];
    return READ_TOPICS.every((topic) => done.get(topic) === last.get(topic));
  };
  await waitUntil('everything to be consumed', isDone, CONSUMED_TIMEOUT_MS);
  tell(`everything is consumed; started again over faults of the Kafka client: ${consumer.ends}`);
  return consumer.stop().then(
    () => [],
    () => [`the last reports: ${consumer.logTail().trimEnd().split('\n').at(-1)}`],
  );
}

function closingTable(
  { components }: Engines,
  recoveries: readonly Recovery[],
  { records, acknowledged }: Evidence,
  { runs, differences }: Verdict,
): string {
  const kills = [...components.keys()].map((name) => {
    const own = recoveries.filter(({ victims }) => victims.includes(name));
    const longest = Math.max(0, ...own.map(({ seconds }) => seconds)).toFixed(1);
    return `  ${name.padEnd(20)} killed ${own.length} times, at work again after ${longest} s at most`;
  });
  const produced = READ_TOPICS.map((topic) => {
    const own = records.filter((record) => record.topic === topic);
    const poison = own.filter(isPoison).length;
    return `  ${topic.padEnd(32)} ${String(own.length).padStart(6)} records, ${poison} of them poison`;
  });
  const done = ['aggregate-orders', 'record-outcomes'].map((name) => {
    const { records: handed, applied, skipped, quarantined } = loggedCounts(LOGS, name);
    return `  ${name.padEnd(20)} ${handed} handed over: ${applied} applied, ${skipped} skipped, ${quarantined} quarantined`;
  });
  return [
    `seed ${SEED}, ${KILLS} kills`,
    ...kills,
    ...produced,
    `  ${acknowledged.size} records acknowledged to the producer of the outcomes`,
    ...done,
    `  handed over again after a failure: ${recordsOfFailedBatches(CONSUME_LOG)} records, and what killed consumers had in hand`,
    `  ${runs} times all five reports were written`,
    `  differences: ${differences.length}`,
    ...differences.slice(0, SHOWN_MAX).map((difference) => `    ${difference}`),
    '',
  ].join('\n');
}
