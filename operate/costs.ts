// npm run costs: what a deployment costs in a month, part by part, and which limit it meets first. Reads nothing and asks
// nobody: prices and measured figures are in operate/costs/.
import { Option } from '@commander-js/extra-typings';
import { defineCommand, runCommand, wholeNumber } from '../local/shared/command.ts';
import { type Load, loadOf } from './costs/load.ts';
import { measuredTable } from './costs/measured.ts';
import { partsOf } from './costs/parts.ts';
import { tablesOf, textOf } from './costs/tables.ts';
import { wallsOf } from './costs/walls.ts';

const EVENTS_MAX = 10_000_000;
const rate = (name: string) => wholeNumber(name, 0, EVENTS_MAX);

const command = defineCommand(
  'costs',
  'What a deployment costs in a month, part by part, and which limit it meets first.',
)
  .option(
    '--events <n>',
    'changes of orders and items a second',
    wholeNumber('--events', 1, EVENTS_MAX),
    100,
  )
  .option(
    '--partitions <n>',
    'of each topic (default: 12, or what the events need)',
    wholeNumber('--partitions', 1, 10_000),
  )
  .option(
    '--outcomes <n>',
    'auction outcomes a second (default: a hundredth of the events)',
    rate('--outcomes'),
  )
  .option(
    '--requests <n>',
    'requests to the API a second (default: one in ten seconds)',
    rate('--requests'),
  )
  .option('--batch-size <n>', 'as the setting batchSize', wholeNumber('--batch-size', 1, 10_000))
  .option('--batch-window <s>', 'as the setting batchWindow', wholeNumber('--batch-window', 0, 300))
  .option(
    '--flush-interval <s>',
    'as the setting flushInterval',
    wholeNumber('--flush-interval', 60, 86_400),
  )
  .option('--months <n>', 'after which the stores are looked at', wholeNumber('--months', 1, 1_200))
  .option(
    '--backups <n>',
    'of AWS Backup that are kept at once: 90 of backup=daily (default: none)',
    wholeNumber('--backups', 0, 36_500),
  )
  .addOption(
    new Option('--cluster <kind>').choices(['serverless', 'provisioned', 'existing'] as const),
  )
  .addOption(new Option('--pollers <kind>').choices(['on-demand', 'provisioned'] as const))
  .option('--tables', 'the tables of docs/deploy.md and docs/performance.md instead')
  .option('--json', 'prints one JSON document')
  .action(({ tables, json, ...options }) => {
    const load: Load = loadOf(given(options));
    if (tables) process.stdout.write(`${[...tablesOf(), measuredTable()].join('\n\n')}\n`);
    else if (json)
      process.stdout.write(
        `${JSON.stringify({ load, parts: partsOf(load), walls: wallsOf(load) })}\n`,
      );
    else process.stdout.write(textOf(load));
  });

/** Without those that were not given, whose defaults are a load's own. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

await runCommand('costs', command);
