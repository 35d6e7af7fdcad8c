// Target: the messages of auction outcomes, through the built function into a real PostgreSQL. Messages of
// the recorded fixtures with something changed in them, among untouched ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchCounts } from '../../functions/kafka/batch-counts.ts';
import type { Random } from '../support/random.ts';
import type { Target } from './fuzz-run.ts';
import { type HostedFunctions, SECRET } from './hosted-functions.ts';
import { damagedBytes } from './hostile-values.ts';
import { mutate, parseTree, showTree, simplerTrees } from './json-tree.ts';
import { documentComplaint, keyOf, type Sent } from './stream-run.ts';

export interface MessageInput {
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly isGood: boolean;
}

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'api');
const MESSAGES_MAX = 200;
const PARTITION = 5;
const TIMESTAMPS = [
  -1,
  0,
  1.5,
  1e300,
  1_735_689_600_000,
  253_402_300_800_000,
  8.64e15,
  8.64e15 + 1,
];
const READ =
  /^\/(bid_request_id|bid_id|user_id|site_domain|page_url|win_status|win_price|bid_price|currency|enriched|user_interests|timestamp|auction_timestamp)/;

export function outcomesTarget(functions: HostedFunctions): Target<MessageInput> {
  const messages = readGoodMessages();
  let topics = 0;
  return {
    name: 'outcomes',
    make: (random) =>
      Array.from({ length: 1 + random.below(MESSAGES_MAX) }, () => makeMessage(messages, random)),
    check: (inputs) => checkMessages(functions, inputs, `fuzz.${process.pid}.${topics++}`),
    simpler: simplerMessages,
    show: ({ value, timestamp, isGood }) =>
      JSON.stringify({ value: value?.toString().slice(0, 1_500) ?? null, timestamp, isGood }),
    close: () => checkRollups(functions),
  };
}

/** Those that the rules of today keep: docs/outcomes-ingest.md differs from the original's. */
function readGoodMessages(): string[] {
  const lines = readFileSync(join(FIXTURES, 'messages.ndjson'), 'utf8').trimEnd().split('\n');
  const cases = readFileSync(join(FIXTURES, 'ingest.ndjson'), 'utf8').trimEnd().split('\n');
  return lines.filter((_, index) => cases[index]?.includes('"case": "plain", "saved": true'));
}

function makeMessage(messages: readonly string[], random: Random): MessageInput {
  const text = random.pick(messages);
  const timestamp = 1_735_689_600_000;
  if (random.chance(0.3)) return { value: Buffer.from(text), timestamp, isGood: true };
  if (random.chance(0.03)) return { value: null, timestamp, isGood: false };
  let tree = parseTree(text.replace(/"user_id": ?"[^"]*"/, `"user_id":"${SECRET}"`));
  for (let left = 1 + random.below(3); left > 0; left -= 1) tree = mutate(tree, random, READ);
  const changed = showTree(tree);
  const value = random.chance(0.06) ? damagedBytes(changed, random) : Buffer.from(changed);
  return { value, timestamp: random.pick(TIMESTAMPS), isGood: false };
}

async function checkMessages(
  functions: HostedFunctions,
  inputs: readonly MessageInput[],
  topic: string,
): Promise<string | undefined> {
  const sent = inputs.map((input, index): Sent & MessageInput => ({
    ...{ ...input, topic, partition: PARTITION, offset: BigInt(index), key: null },
  }));
  const { counts, quarantine, rows } = await record(functions, topic, sent);
  const { records, applied, quarantined } = counts;
  const shown = JSON.stringify(counts);
  if (records !== sent.length || applied + quarantined !== records) return `counts: ${shown}`;
  if (rows.length !== applied) return `${rows.length} rows, but ${shown}`;
  if (quarantine.size !== quarantined) return `${quarantine.size} objects, but ${shown}`;
  const known = new Map(sent.map((one) => [keyOf(one), one]));
  for (const [key, text] of quarantine) {
    const one = known.get(key);
    const complaint = one ? documentComplaint(one, text) : 'is of no record';
    if (complaint !== undefined) return `the object ${key} ${complaint}`;
  }
  if (functions.leak() !== undefined) return `a log line holds the secret: ${functions.leak()}`;
  if (quarantine.size === 0 || applied === 0) return undefined;
  const kept = sent.filter((one) => !quarantine.has(keyOf(one)));
  const alone = await record(functions, `${topic}.alone`, kept);
  return alone.rows.join('\n') === rows.join('\n')
    ? undefined
    : 'a refused message changed the rows of others';
}

async function record(
  functions: HostedFunctions,
  topic: string,
  sent: readonly (Sent & MessageInput)[],
) {
  const records = sent.map(({ offset, value, timestamp }) => ({
    ...{ topic, partition: PARTITION, offset: Number(offset), timestamp },
    ...{ key: null, value: value?.toString('base64') ?? null, headers: [] },
  }));
  const event = JSON.stringify({ records: { [`${topic}-${PARTITION}`]: records } });
  const counts: BatchCounts = JSON.parse(await functions.invoke('record-outcomes', event));
  const found = await functions.sql<{ id: string; row: string }>`
    select id, concat_ws('|', kafka_topic = ${topic}, kafka_offset, bid_id, user_id, site_domain, win_status,
      win_price, bid_price, currency, enriched, "timestamp", auction_timestamp, user_interests,
      md5(raw_data::text)) as row
    from auction_outcomes where id > ${functions.lastId}::bigint
    order by id`;
  functions.lastId = found.at(-1)?.id ?? functions.lastId;
  const quarantine = await functions.takeQuarantine(topic);
  return { counts, quarantine, rows: found.map(({ row }) => row) };
}

async function checkRollups({ sql }: HostedFunctions): Promise<void> {
  const [found] = await sql<{ same: boolean }>`
    select (select (count(*)::numeric, sum(win_price), sum(bid_price)) from auction_outcomes)
      = (select (sum(outcomes), sum(win_price_sum), sum(bid_price_sum)) from outcome_days) as same`;
  if (found?.same === false) throw new Error('The rollups do not equal the rows.');
}

function* simplerMessages(input: MessageInput): Generator<MessageInput> {
  const tree = input.value && tryTree(input.value);
  if (!tree) return;
  for (const simpler of simplerTrees(tree)) {
    yield { ...input, value: Buffer.from(showTree(simpler)), isGood: false };
  }
}

function tryTree(value: Buffer) {
  try {
    return parseTree(value.toString());
  } catch {
    return undefined;
  }
}
