// Flink SQL over the same events: what one more costs it, in processor time. Needs Java 17 and Maven, and takes minutes, so it
// runs when it is named only (`--sections flink`). The events are as Flink wants them: decimals as text, each update with the
// whole row before it (replica identity FULL), no tombstones.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveClasspath } from '../../test/platform/classpath.ts';
import { Shop, TOPICS } from './shop.ts';

const FOLDER = join(import.meta.dirname, 'flink');
const JARS = { name: 'flink', what: 'Flink SQL', pomFile: join(FOLDER, 'pom.xml') };
/** What Flink reaches into from Java 17 on. */
const OPENED = [
  'util',
  'util.concurrent',
  'lang',
  'lang.reflect',
  'net',
  'io',
  'nio',
  'time',
  'math',
  'text',
];

/**
 * The difference of two runs leaves out the start, the plans and most of what the virtual machine compiles. RocksDB has a
 * ranking written anew at each change of a sum, so fewer events tell enough.
 */
const RUNS = [
  { state: 'in memory', isKept: false, events: [200_000, 600_000] },
  { state: 'in RocksDB, a checkpoint a second', isKept: true, events: [10_000, 40_000] },
] as const;

export interface FlinkCost {
  readonly state: string;
  /** Of processor time, for one event more. */
  readonly microseconds: number;
}

export function* measureFlink(): Generator<FlinkCost> {
  const classpath = resolveClasspath(JARS);
  const folder = mkdtempSync(join(tmpdir(), 'bench-flink-'));
  try {
    for (const { state, isKept, events } of RUNS) {
      const [few, many] = events.map((wanted) => {
        const sample = writeSample(folder, wanted);
        const checkpoints = isKept ? [join(folder, `checkpoints-${wanted}`)] : [];
        return { ...sample, spent: processorOfJob(classpath, [...sample.files, ...checkpoints]) };
      });
      if (!few || !many) throw new RangeError('Two runs make a difference.');
      yield { state, microseconds: (many.spent - few.spent) / (many.events - few.events) };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In microseconds. */
function processorOfJob(classpath: string, files: readonly string[]): number {
  const opened = OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);
  const program = join(FOLDER, 'FlinkReports.java');
  const { status, stdout, stderr } = spawnSync(
    'java',
    [...opened, '-cp', classpath, program, ...files],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`Flink ended with status ${status}: ${stderr.slice(-2_000)}`);
  return Number(stdout.trim()) / 1_000;
}

function writeSample(folder: string, wanted: number) {
  const before = new Map<string, unknown>();
  const lines = new Map<string, string[]>(Object.values(TOPICS).map((topic) => [topic, []]));
  for (const { topic, key, value } of new Shop(1).trade(wanted)) {
    if (value === null) continue;
    const row = `${topic} ${key}`;
    const event = JSON.parse(String(value)) as { before: unknown; after: unknown; op: string };
    lines
      .get(topic)
      ?.push(
        JSON.stringify({ ...event, before: event.op === 'u' ? before.get(row) : event.before }),
      );
    before.set(row, event.after);
  }
  const files = [...lines].map(([topic, texts]) => {
    const file = join(folder, `${topic}-${wanted}.json`);
    writeFileSync(file, `${texts.join('\n')}\n`);
    return file;
  });
  return { files, events: [...lines.values()].flat().length };
}
