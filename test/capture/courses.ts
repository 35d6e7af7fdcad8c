// What happens to the connector while the rows change. When a course ends, the source is at rest and
// the connector runs.
import type { CaptureRun } from './capture-run.ts';
import { ITEMS_TOPIC, NOTIFICATION_TOPIC, ORDERS_TOPIC } from './connector-settings.ts';
import type { CapturedRecord } from './recorder.ts';
import { changeAtRandom } from './workload.ts';

const RECORDS_BEFORE_KILL = 60;

/** A snapshot, then all changes streamed. */
export async function streamThrough(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.changeRows();
}

/** Kafka Connect is killed while changes arrive and started again. The offsets that it had stored are
 *  those of the end of the snapshot, so that all it had sent since comes again. */
export async function killConnector(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.stopConnector();
  await run.resumeConnector();
  const recordsBefore = run.recorder.records.length;
  await run.changeRows();
  const isMidStream = (records: CapturedRecord[]) =>
    records.length >= recordsBefore + RECORDS_BEFORE_KILL;
  await run.recorder.waitFor('enough records before the kill', isMidStream);
  const changes = run.changeRows();
  await run.platform.connect.process.kill();
  await changes;
  await run.platform.connect.process.start();
  await run.waitUntilCaughtUp();
  requireRepeats(run.recorder.records.slice(recordsBefore));
}

/** Debezium reads all rows again in chunks while they change, on a signal. */
export async function snapshotIncrementally(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.withOpenTransaction(async () => {
    const changes = run.changeRows();
    await run.signalIncrementalSnapshot();
    await run.recorder.waitFor('the incremental snapshot to end', (records) =>
      records.some(
        ({ topic, value }) =>
          topic === NOTIFICATION_TOPIC &&
          value?.includes('Incremental Snapshot') &&
          value.includes('"COMPLETED"'),
      ),
    );
    await changes;
  });
}

/** The connector forgets its offsets and reads all rows again in one snapshot. */
export async function snapshotAgain(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.changeRows();
  await run.waitUntilCaughtUp();
  await run.stopConnector();
  await run.forgetOffsets();
  await run.changeWhileStopped();
  await run.withOpenTransaction(() => run.resumeConnector());
  await run.changeRows();
}

/** Orders move to another partition of their table and back, which changes their keys; some end there. */
export async function moveBetweenPartitions(run: CaptureRun): Promise<void> {
  const { source, scenario } = run;
  await run.startConnector();
  await changeAtRandom(source, scenario.size);
  const moving = source.orders.slice(0, 4);
  for (const [index, id] of moving.entries()) {
    await source.updateOrder(id, { created_at: `2025-02-1${index} 10:00:00.000001` });
    await source.updateOrder(id, { status: 'moved', total_amount: `${index}.75` });
  }
  const [back = 0, gone = 0, both = 0] = moving;
  await source.updateOrder(back, { created_at: '2025-01-03 04:05:06.070809' });
  await source.deleteOrder(gone);
  await source.sql.begin(async (sql) => {
    await source.updateOrder(both, { created_at: '2025-01-04 00:00:00' }, sql);
    await source.updateOrder(both, { created_at: '2025-02-20 00:00:00', status: 'twice' }, sql);
  });
  await changeAtRandom(source, scenario.size);
}

/** A connector with another prefix takes over: new topics, and all rows in them once more. */
export async function renamePrefix(run: CaptureRun): Promise<void> {
  await run.startConnector();
  await run.changeRows();
  await run.waitUntilCaughtUp();
  await run.stopConnector();
  await run.changeWhileStopped();
  await run.replaceConnector('dbserver2');
  await run.changeRows();
}

/** A capture of this course is of use only if a part was sent twice and a part once. */
function requireRepeats(records: CapturedRecord[]): void {
  const timesSent = new Map<string, number>();
  for (const { topic, key, value } of records) {
    if (value === null || (topic !== ORDERS_TOPIC && topic !== ITEMS_TOPIC)) continue;
    const row = JSON.parse(value) as { source?: { lsn: number } };
    const event = `${topic} ${key} ${row.source?.lsn ?? value}`;
    timesSent.set(event, (timesSent.get(event) ?? 0) + 1);
  }
  const repeats = [...timesSent.values()].filter((times) => times > 1).length;
  if (repeats > 0 && repeats < timesSent.size) return;
  throw new Error(`The killed connector sent ${repeats} of ${timesSent.size} events twice.`);
}
