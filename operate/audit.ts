// npm run audit: recomputes every aggregate from the row images and compares. Over a data directory,
// or with --table over a table in AWS, found by the AWS SDK's own settings.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Audit, type AuditResult, type Difference } from '../functions/orders/audit.ts';
import { makeTable } from '../functions/orders/store/table-store.ts';
import { readArguments, runCommand } from '../local/command.ts';
import { openStores } from '../local/stores/open-stores.ts';
import { UserError } from '../local/user-error.ts';

const USAGE = 'npm run audit [-- --data-dir DIR | --table NAME] [--json]';
/** A batch that is being applied shows as a difference for a moment; a real one stays. */
const LOOKS_MAX = 3;
const LOOK_AGAIN_AFTER_MS = 2_000;
const SHOWN_MAX = 50;

async function audit(): Promise<void> {
  const options = { 'data-dir': 'string', table: 'string', json: 'boolean' } as const;
  const { text, flags } = readArguments(USAGE, options, false);
  const result = text.table
    ? await auditSteadily(new DynamoDBClient(), text.table)
    : await auditDirectory(text['data-dir'] ?? '.data');
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : toText(result));
  if (result.differences.length > 0) process.exitCode = 1;
}

async function auditDirectory(dataDir: string): Promise<AuditResult> {
  if (!existsSync(dataDir)) throw new UserError(`The data directory ${dataDir} is not there.`);
  const stores = await openStores(dataDir, { command: 'audit', env: process.env });
  return auditSteadily(stores.dynamodb, stores.table).finally(() => stores.close());
}

/** Reports only what differs in the same way each time it looks. */
async function auditSteadily(client: DynamoDBClient, name: string): Promise<AuditResult> {
  let result = await auditOnce(client, name);
  for (let look = 1; look < LOOKS_MAX && result.differences.length > 0; look++) {
    await sleep(LOOK_AGAIN_AFTER_MS);
    const before = new Set(result.differences.map(showDifference));
    const again = await auditOnce(client, name);
    const differences = again.differences.filter((one) => before.has(showDifference(one)));
    result = { ...again, differences };
  }
  return result;
}

async function auditOnce(client: DynamoDBClient, name: string): Promise<AuditResult> {
  const audit = new Audit();
  for await (const item of makeTable(client, name).scan()) audit.add(item);
  return audit.result();
}

function toText({ rows, aggregates, differences }: AuditResult): string {
  const scope = `${rows} rows, ${aggregates} aggregates`;
  if (differences.length === 0) return `${scope}: the aggregates equal the row images.\n`;
  const shown = differences.slice(0, SHOWN_MAX).map(showDifference);
  const more = differences.length - shown.length;
  return [
    `${scope}: ${differences.length} differences from the row images.`,
    ...shown.map((line) => `  ${line}`),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
    '',
  ].join('\n');
}

function showDifference({ aggregate, attribute, expected, actual }: Difference): string {
  return `${aggregate} ${attribute}: ${actual}, by the rows ${expected}`;
}

await runCommand('audit', audit);
