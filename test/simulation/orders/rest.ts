// What must be true at rest: reports = SQL on the source, now and hours later; quarantine = poison; the
// project's audit finds nothing; delivering everything again changes nothing; nor does time.
import { checkAgreement, checkQuarantine } from './auditor.ts';
import { nameOfRow, tellsLsn } from './encoding.ts';
import { expectedReports, REPORT_NAMES } from './expected-reports.ts';
import type { Ending, LambdaFunction } from './lambda.ts';
import { type Row, TABLES } from './source.ts';
import { BUCKET, TOP_N, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MAX = 60_000;
/** Until a rebuild that has died lets go of the merges. */
export const LEASE_MS = 121_000;

/** Runs whose order was lost: damaged as the audit found, or wrong as nothing but the source can tell. */
export interface Losses {
  lossesFound: number;
  lossesUnseen: number;
}

/** @param isOrderLost rows were moved to other partitions while older events of theirs were waiting */
export async function checkAtRest(
  world: World,
  isOrderLost: boolean,
  losses: Losses,
): Promise<void> {
  const stirUp = world.calmDown();
  world.schedule.nowMs += LEASE_MS;
  if (isOrderLost) await checkMended(world, losses);
  else await checkExact(world);
  stirUp();
}

async function checkExact(world: World): Promise<void> {
  checkRefused(world);
  await checkFigures(world, 'at rest');
  const before = new Set(world.table.all());
  await deliverAgain(world);
  // A batch that ends with poison notes its end when it comes with others.
  const changed = [...world.table.all()].filter(
    (item) => !before.has(item) && item.sk?.S !== 'ended',
  );
  if (changed.length > 0) {
    world.failures.push(`Delivered again, items changed: ${JSON.stringify(changed)}`);
  }
  // Of changes with one LSN, nothing tells which is the older.
  if (!world.shop.isLsnOfTransaction && world.connector.sendAgain()) await deliverAgain(world);
  await letTimePass(world);
}

/**
 * The last event of a row may then be an older one: where no record tells its LSN, no reader can know. But
 * what the aggregates have lost against the row images, the audit must find, and the rebuild must mend.
 */
async function checkMended(world: World, losses: Losses): Promise<void> {
  const { differences } = await world.audit();
  if (differences.length > 0) {
    losses.lossesFound += 1;
    await complete(world, world.rebuilder, 'The rebuild');
  }
  const { generatedAt, documents } = await runReport(world);
  const failures = [...checkAgreement(documents), ...(await findDifferences(world))];
  const unlike = compareWithSource(world, generatedAt, documents);
  if (unlike.length > 0) losses.lossesUnseen += 1;
  if (isOrderTold(world)) failures.push(...unlike);
  world.failures.push(...failures.map((failure) => `after the loss of order: ${failure}`));
}

/** Every change tells its LSN, and there is one course of LSNs. */
function isOrderTold({ encoding, shop, connector, source }: World): boolean {
  const isComparable = !shop.isLsnOfTransaction && !source.hasMoved;
  return tellsLsn(encoding) && isComparable && connector.counts.snapshotReads === 0;
}

async function checkFigures(world: World, when: string): Promise<void> {
  const { generatedAt, documents } = await runReport(world);
  const failures = [
    ...checkAgreement(documents),
    ...compareWithSource(world, generatedAt, documents),
    ...(await findDifferences(world)),
  ];
  world.failures.push(...failures.map((failure) => `${when}: ${failure}`));
}

async function findDifferences(world: World): Promise<string[]> {
  const { differences } = await world.audit();
  return differences.length > 0 ? [`The audit finds ${JSON.stringify(differences)}`] : [];
}

/** The reports of one run against SQL, to the byte. Answers what differs. */
function compareWithSource(
  world: World,
  generatedAt: string,
  documents: ReadonlyMap<string, string>,
): string[] {
  const expected = expectedReports(knownRows(world), TOP_N, generatedAt);
  return REPORT_NAMES.flatMap((name) => {
    const [want, have] = [expected.get(name), documents.get(name)];
    return want === have
      ? []
      : [`${name} is not SQL on the source:\n${have}\nbut SQL says\n${want}`];
  });
}

/** The rows of the source, less those of which a column was never sent. */
function knownRows({ source, connector, encoding }: World): Row[] {
  return TABLES.flatMap((table) =>
    [...source.rows[table]].flatMap(([id, row]) =>
      connector.unknownRows.has(nameOfRow(id, row, encoding)) ? [] : [row],
    ),
  );
}

/** Runs it, and all that is under way beside it, until it has ended. */
async function complete<Answer>(
  world: World,
  one: LambdaFunction<Answer>,
  name: string,
): Promise<Answer> {
  let ending: Ending<Answer> | undefined;
  one.invoke({}, (ended) => {
    ending = ended;
  });
  for (let step = 0; !ending && step < STEPS_MAX; step++) await world.step();
  if (ending?.kind === 'answered') return ending.answer;
  const cause = ending?.kind === 'failed' ? ending.error : ending?.kind;
  throw new Error(`${name} failed: ${cause instanceof Error ? cause.stack : cause}`);
}

async function runReport(world: World) {
  const { generated_at: generatedAt } = await complete(world, world.reporter, 'A report run');
  const documents = new Map<string, string>();
  for (const name of REPORT_NAMES) {
    documents.set(name, world.s3.text(BUCKET, `analytics/${name}/latest.json`) ?? '');
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

/** Old segments go, and tombstones expire. */
async function letTimePass(world: World): Promise<void> {
  await checkFigures(world, 'sent again');
  world.schedule.nowMs += (1 + world.random.below(20)) * DAY_MS;
  world.forgetExpired();
  // What a forgotten tombstone had deleted would come and go once more.
  world.topics.forgetOrder();
  world.connector.noteProgress();
  await checkFigures(world, 'days later');
}
