// Events read and folded in memory, in each of the four forms that a connector may write, beside a loop in Python
// over the same texts in the same run. Without Python that part is left out, and says so.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { makeDecode } from '../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../functions/orders/debezium/options.ts';
import { foldChanges } from '../../functions/orders/fold/fold.ts';
import { sumSteps } from '../../functions/orders/segments/segment.ts';
import { type CaptureLine, readCaptureLine } from '../../local/stream/capture-line.ts';
import { EventBatch } from '../../local/stream/msk-event.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { type Figure, figureOf, ownProcessor } from '../measure.ts';

const CAPTURES = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'captures');
const FORMS = [
  ['envelope with schema', 'envelope-schemas'],
  ['envelope without schema', 'envelope'],
  ['flattened with schema', 'tombstone-only-schemas'],
  ['flattened without schema', 'flattened'],
] as const;
/** As in a function that has been running for a second. */
const ROUNDS = 200;

export async function* compareDecoding(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-decode-'));
  for (const [form, capture] of FORMS) {
    const records = recordsOf(capture);
    const ours = bestOf(records);
    const file = join(folder, `${capture}.txt`);
    writeFileSync(file, records.map(({ value }) => String(value)).join('\n'));
    const theirs = pythonOn(file);
    yield figureOf({
      ...{ name: `read and fold, ${form}`, unit: 'µs an event', ours },
      ...(theirs === undefined
        ? { beside: 'no python3 here: its loop was left out' }
        : { beside: 'a loop in Python', theirs, limit: 1 }),
    });
  }
  rmSync(folder, { recursive: true });
}

function recordsOf(capture: string): RawRecord[] {
  const lines = readFileSync(join(CAPTURES, `${capture}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n');
  const read = lines.map((line, at): CaptureLine => {
    const position = { topic: capture, partition: 0, offset: BigInt(at) };
    return readCaptureLine(Buffer.from(line), position);
  });
  return read.flatMap((line) =>
    line.kind === 'record' && line.record.value !== null && line.record.topic.endsWith('orders')
      ? [line.record]
      : [],
  );
}

function bestOf(records: readonly RawRecord[]): number {
  const batch = new EventBatch(records[0]?.topic ?? '');
  const added = records.filter((record) => batch.tryAdd(record)).length;
  const event = JSON.parse(batch.toEvent());
  const decode = makeDecode(readDecodeOptions({}));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const started = ownProcessor();
    for (const partition of readPartitionBatches(event)) {
      const changes = partition.records.flatMap((record) => {
        const decoded = decode(record);
        return decoded.kind === 'change' ? [decoded.change] : [];
      });
      sumSteps(foldChanges(changes, new Map(), 'bench').steps);
    }
    best = Math.min(best, (ownProcessor() - started) / added);
  }
  return best;
}

function pythonOn(file: string): number | undefined {
  try {
    const loop = join(import.meta.dirname, 'loop.py');
    const args = [loop, file, String(ROUNDS)];
    return Number(
      execFileSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return undefined;
  }
}
