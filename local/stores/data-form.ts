// How the parts of a data directory are written: noted when they are made, looked at before any is opened again by
// another version of the service. `form.json` is that note; a directory from before it has the first form.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../shared/user-error.ts';
import { type DataPaths, damagedFile, readJsonFile, writeWholeFile } from './data-directory.ts';

/**
 * The form of the items in the aggregates table. Raise it with each change after which older items cannot be read,
 * and say in docs/local.md, "Another version of the service", what changed.
 */
export const AGGREGATES_FORM = 2;
const FIRST_FORM = 1;

export interface DataForm {
  readonly aggregates: number;
  /** The tables that were made in it. */
  readonly tables: readonly string[];
  /** PostgreSQL's major version, once its files are there. */
  readonly postgres?: number;
}

/** @throws {UserError} when another version of the service wrote it in a form that this one does not read. */
export async function readForm(paths: DataPaths): Promise<DataForm> {
  const form = (await readJsonFile(paths.form)) ?? unmarked(paths);
  if (!isForm(form)) throw damagedFile(paths.form);
  const { aggregates } = form;
  if (aggregates === AGGREGATES_FORM) return form;
  const says = `${paths.root} holds aggregates of form ${aggregates}, and this version of the service`;
  const wayOut = `docs/local.md, "Another version of the service", has the way out; until then go back to that version.`;
  throw aggregates > AGGREGATES_FORM
    ? new UserError(`${says} is older: it writes form ${AGGREGATES_FORM}. ${wayOut}`)
    : new UserError(
        `${says} writes form ${AGGREGATES_FORM}. Nothing was changed. Choose another directory with --data-dir ` +
          `and read the topics again from their beginning there. ${wayOut}`,
      );
}

export async function writeForm(paths: DataPaths, form: DataForm): Promise<void> {
  await writeWholeFile(paths.form, `${JSON.stringify(form, null, 2)}\n`);
}

/** A directory that has aggregates and no note is of a version that wrote none. */
function unmarked({ dynamodb }: DataPaths): DataForm {
  const hasAggregates = existsSync(join(dynamodb, 'CURRENT'));
  return { aggregates: hasAggregates ? FIRST_FORM : AGGREGATES_FORM, tables: [] };
}

/** What was made in the directory and is no more: to make it again would pass for all that was in it. */
export function gone(what: string, path: string): UserError {
  return new UserError(
    `${what} was in ${path} and is gone: somebody deleted it, or its files. Nothing was changed. ` +
      'Restore it from a copy, or start anew in another directory with --data-dir.',
  );
}

function isForm(value: unknown): value is DataForm {
  if (typeof value !== 'object' || value === null) return false;
  const { aggregates, tables, postgres } = value as Partial<Record<keyof DataForm, unknown>>;
  const isMajor = postgres === undefined || Number.isSafeInteger(postgres);
  return Number.isSafeInteger(aggregates) && Array.isArray(tables) && isMajor;
}
