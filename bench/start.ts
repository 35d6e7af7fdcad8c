// What a start of each function costs: the processor's time of importing its bundle, in a process of its own, beside
// that of a handler that does nothing. In turn, medians.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DEFAULTS, ENV, FUNCTIONS } from '../functions/contracts.ts';
import { buildFunctions } from '../scripts/bundle.ts';

export interface StartFigure {
  readonly name: string;
  readonly unit: 'ms';
  readonly ours: number;
  readonly beside: string;
  readonly theirs: number;
  readonly ratio: number;
  readonly limit: number;
  readonly isMet: boolean;
}

const ROUNDS = 15;
const LIMIT_MS = 60;
const DIST = join(import.meta.dirname, '..', 'dist');
const MEASURE = `
  const before = process.cpuUsage();
  await import(process.argv[2]);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
  process.exit(0);`;

export async function* benchStart(): AsyncGenerator<StartFigure> {
  await buildFunctions();
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  try {
    const measure = join(folder, 'measure.mjs');
    const empty = join(folder, 'empty.mjs');
    writeFileSync(measure, MEASURE);
    writeFileSync(empty, 'export const handler = async () => {};');
    // Whoever starts the operators' function waits for an audit.
    for (const name of FUNCTIONS.filter((one) => one !== 'operate-stores')) {
      const bundle = join(DIST, name, 'index.mjs');
      const rounds = Array.from({ length: ROUNDS }, () => ({
        ours: processorMs(measure, bundle),
        theirs: processorMs(measure, empty),
      }));
      const ours = median(rounds.map((round) => round.ours));
      const theirs = median(rounds.map((round) => round.theirs));
      yield {
        ...{ name: `import of ${name}, processor`, unit: 'ms', ours },
        ...{ beside: 'an empty handler', theirs, ratio: ours / theirs },
        ...{ limit: LIMIT_MS, isMet: ours <= LIMIT_MS },
      };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function processorMs(measure: string, module: string): number {
  const env = {
    ...process.env,
    ...{ [ENV.aggregatesTable]: 'bench', [ENV.bucket]: 'bench', [ENV.dbUser]: DEFAULTS.dbUser },
    ...{ [ENV.logLevel]: 'SILENT', AWS_REGION: 'us-east-1' },
  };
  const url = pathToFileURL(module).href;
  return Number(execFileSync(process.execPath, [measure, url], { env, encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
