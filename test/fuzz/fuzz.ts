// npm run fuzz [-- --minutes M | --inputs N] [--seed S] [--only lambda|debezium|outcomes|http]: hostile input
// at the doors of the service, made from a seed. Ends with 1 when something was found.
import { defineCommand, runCommand } from '../../local/shared/command.ts';
import { UserError } from '../../local/shared/user-error.ts';
import { debeziumTarget } from './debezium-values.ts';
import { type Finding, runTarget, type Target } from './fuzz-run.ts';
import { type HostedFunctions, hostFunctions } from './hosted-functions.ts';
import { httpTarget } from './http-requests.ts';
import { lambdaTarget } from './lambda-events.ts';
import { outcomesTarget } from './outcome-messages.ts';

const TARGETS = ['lambda', 'debezium', 'outcomes', 'http'] as const;
type TargetName = (typeof TARGETS)[number];

const MINUTES_DEFAULT = 1;
const FINDINGS_MAX = 20;

interface Options {
  readonly seed: number;
  readonly names: readonly TargetName[];
  readonly inputsMax: number;
  readonly secondsMax: number;
}

interface Given {
  readonly minutes?: string | undefined;
  readonly inputs?: string | undefined;
  readonly seed?: string | undefined;
  readonly only?: string | undefined;
}

const command = defineCommand('fuzz', 'Hostile input at the doors of the service, by the seed.')
  .option('--minutes <m>', 'for each target')
  .option('--inputs <n>', 'of each target, instead of minutes')
  .option('--seed <s>', 'plays that seed again')
  .option('--only <target>', `one of ${TARGETS.join(', ')}`)
  .action((given) => fuzz(readOptions(given)));

function readOptions({ minutes, inputs, seed, only }: Given): Options {
  const names = TARGETS.filter((name) => only === undefined || name === only);
  if (names.length === 0) {
    throw new UserError(`--only must be one of ${TARGETS.join(', ')}, not "${only}".`);
  }
  const secondsOrNone = inputs === undefined ? MINUTES_DEFAULT * 60 : Number.POSITIVE_INFINITY;
  return {
    names,
    seed: seed ? readNumber('--seed', seed) : Math.floor(Math.random() * 2 ** 32),
    inputsMax: inputs ? readNumber('--inputs', inputs) : Number.POSITIVE_INFINITY,
    secondsMax: minutes ? readNumber('--minutes', minutes) * 60 : secondsOrNone,
  };
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new UserError(`${name} must be a number, not "${text}".`);
}

/** What the targets take differs; here only what they all have in common is of interest. */
async function runNamed(
  name: TargetName,
  functions: () => Promise<HostedFunctions>,
  options: Options,
) {
  const bounds = { ...options, findingsMax: FINDINGS_MAX };
  const run = async <Input>(target: Target<Input>) => {
    const outcome = await runTarget(target, bounds);
    await target.close?.();
    return outcome;
  };
  if (name === 'lambda') return run(lambdaTarget());
  if (name === 'debezium') return run(debeziumTarget());
  if (name === 'outcomes') return run(outcomesTarget(await functions()));
  return run(await httpTarget(await functions()));
}

function showFinding({ target, seed, complaint, smallest }: Finding): string {
  return [
    `\n${target}: ${complaint}`,
    `smallest input found:\n${smallest}`,
    `replay: npm run fuzz -- --only ${target} --seed ${seed} --inputs 1`,
  ].join('\n');
}

async function fuzz(options: Options): Promise<void> {
  console.log(`seed ${options.seed}`);
  let hosted: Promise<HostedFunctions> | undefined;
  const functions = () => {
    hosted ??= hostFunctions();
    return hosted;
  };
  let found = 0;
  try {
    for (const name of options.names) {
      const { inputs, seconds, findings } = await runNamed(name, functions, options);
      const rate = Math.round(inputs / seconds);
      console.log(`${name}: ${inputs} inputs, ${rate}/s, ${findings.length} findings`);
      for (const finding of findings) console.log(showFinding(finding));
      found += findings.length;
    }
  } finally {
    await (await hosted)?.close();
  }
  // Thrown, as the embedded PostgreSQL's package forgets an exit code that is only set.
  if (found > 0) throw new UserError(`${found} findings`);
}

await runCommand('fuzz', command);
