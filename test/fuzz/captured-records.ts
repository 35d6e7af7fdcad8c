// The records of the captures, which a real Debezium wrote: what the fuzzer starts from.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CapturedRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
}

const CAPTURES = join(import.meta.dirname, '..', 'fixtures', 'captures');
/** Apart from the row's creation its delete is refused (I150). */
const NULL_IN_KEY = /:null[,}]/;
/** Enough of each: a capture repeats itself. */
const RECORDS_A_CAPTURE = 120;

export function readCaptured(): CapturedRecord[] {
  const files = readdirSync(CAPTURES).filter(
    (name) => name.endsWith('.ndjson') && !isOfAnotherForm(name),
  );
  return files.flatMap((file) => {
    const lines = readFileSync(join(CAPTURES, file), 'utf8').trimEnd().split('\n');
    const step = Math.max(1, Math.floor(lines.length / RECORDS_A_CAPTURE));
    return lines
      .filter((_, index) => index % step === 0)
      .map((line) => withUsualTopic(JSON.parse(line) as CapturedRecord))
      .filter(({ key }) => !NULL_IN_KEY.test(key ?? ''));
  });
}

/** What must be said of decimals, nobody says here. */
function isOfAnotherForm(file: string): boolean {
  const answers = readFileSync(join(CAPTURES, file.replace('.ndjson', '.answers.json')), 'utf8');
  return JSON.parse(answers).settings?.DECIMAL_HANDLING !== undefined;
}

/** Routed and partitioned tables as one topic each. */
function withUsualTopic(record: CapturedRecord): CapturedRecord {
  const table = record.topic.includes('order_items') ? 'order_items' : 'orders';
  return { ...record, topic: `dbserver1.public.${table}` };
}
