// What must be true at rest: reports = SQL on the source, now and hours later; quarantine = poison; the
// project's audit finds nothing; delivering everything again changes nothing; nor does time.
import { checkAgreement, checkQuarantine, compareWithSource } from './auditor.ts';
import { rebuildAggregates } from './rebuild.ts';
import { type Row, TABLES } from './source.ts';
import { storedRows } from './stored-rows.ts';
import { BUCKET, TOP_N, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MAX = 60_000;

/** @param isOrderLost rows were moved to other partitions while older events of theirs were waiting */
export async function checkAtRest(world: World, isOrderLost: boolean): Promise<void> {
  world.network.calm(true);
  if (isOrderLost) await checkMended(world);
  else await checkExact(world);
  world.network.calm(false);
}

async function checkExact(world: World): Promise<void> {
  checkRefused(world);
  await checkFigures(world, knownRows(world), 'at rest');
  const before = new Set(world.table.all());
  await deliverAgain(world);
  const changed = [...world.table.all()].filter((item) => !before.has(item));
  if (changed.length > 0) {
    world.failures.push(`Delivered again, items changed: ${JSON.stringify(changed)}`);
  }
  if (world.connector.sendAgain()) await deliverAgain(world);
  await letTimePass(world);
}

/**
 * The last event of a row may then be an older one: no reader of the records can tell. But whatever the
 * aggregates have lost against the row images, the audit must find, and the rebuild must mend.
 */
async function checkMended(world: World): Promise<void> {
  const isDamaged = world.audit().differences.length > 0;
  if (isDamaged) {
    world.losses.lossesFound += 1;
    if (!rebuildAggregates) return;
    await rebuildAggregates(world);
  }
  const stored = storedRows(world.table.all());
  const { generatedAt, documents } = await checkFigures(world, stored, 'after the loss of order');
  const unlike = compareWithSource(knownRows(world), TOP_N, generatedAt, documents);
  if (unlike.length > 0) world.losses.lossesUnseen += 1;
}

async function checkFigures(world: World, rows: readonly Row[], when: string) {
  const { generatedAt, documents } = await runReport(world);
  const failures = [
    ...checkAgreement(documents),
    ...compareWithSource(rows, TOP_N, generatedAt, documents),
  ];
  const { differences } = world.audit();
  if (differences.length > 0) failures.push(`The audit finds ${JSON.stringify(differences)}`);
  world.failures.push(...failures.map((failure) => `${when}: ${failure}`));
  return { generatedAt, documents };
}

/** The rows of the source, less those of which a column was never sent. */
function knownRows({ source, connector }: World): Row[] {
  return TABLES.flatMap((table) =>
    [...source.rows[table]].flatMap(([id, row]) =>
      connector.unknownRows.has(`${table}#${id}`) ? [] : [row],
    ),
  );
}

async function runReport(world: World) {
  world.table.catchUp();
  let generatedAt: string | undefined;
  let failure: unknown;
  let isEnded = false;
  world.reporter.invoke({}, (ending) => {
    isEnded = true;
    if (ending.kind === 'answered') generatedAt = ending.answer.generated_at;
    else failure = ending.kind === 'failed' ? ending.error : 'it died';
  });
  for (let step = 0; !isEnded && step < STEPS_MAX; step++) await world.step();
  if (generatedAt === undefined) throw new Error('A report run failed', { cause: failure });
  const documents = new Map<string, string>();
  for (const key of world.s3.keys(BUCKET)) {
    const [, report, file] = key.split('/');
    const text = world.s3.text(BUCKET, key);
    if (report && file === 'latest.json' && text) documents.set(report, text);
  }
  return { generatedAt, documents };
}

function checkRefused({ topics, s3, failures }: World): void {
  const keys = s3.keys(BUCKET);
  const read = (key: string) => s3.text(BUCKET, key);
  failures.push(...checkQuarantine(topics.all, topics.retired, { keys, read }));
}

/** Everything again from the start, cut otherwise: nothing is applied. */
async function deliverAgain(world: World): Promise<void> {
  const { topics, events, aggregator } = world;
  const appliedBefore = events.applied;
  for (const log of topics.all) log.committed = log.redeliverableFrom;
  for (let step = 0; !topics.isConsumed || world.hasInvocations; step++) {
    if (step > STEPS_MAX) throw new Error('The redelivery does not come to rest.');
    events.poll(aggregator);
    await world.step();
  }
  const applied = events.applied - appliedBefore;
  if (applied > 0) world.failures.push(`Delivered again, ${applied} records were applied.`);
  checkRefused(world);
}

/** The rankings refill their indexes over several runs, and tombstones expire. */
async function letTimePass(world: World): Promise<void> {
  for (let hours = 1; hours <= 2; hours++) {
    world.schedule.nowMs += HOUR_MS;
    await checkFigures(world, knownRows(world), `${hours} h later`);
  }
  world.schedule.nowMs += (1 + world.random.below(20)) * DAY_MS;
  world.forgetExpired();
  // What a forgotten tombstone had deleted would come and go once more.
  world.topics.forgetOrder();
  await checkFigures(world, knownRows(world), 'days later');
}
