// The form of the table, noted in it when it is first written to, and held against what this version wants.
import { itemKeys } from './items.ts';
import { REFUSED, type Stored, type Table } from './table-store.ts';

const FORM = 2;

/** A table that this version cannot go on with, and the way out. */
class TableFormError extends Error {
  override readonly name = 'TableFormError';
}

export interface FormStore {
  /**
   * How many neighbouring ids share a page. Noted by the first who writes, and the same ever after.
   * @throws {TableFormError}
   */
  span(): Promise<number>;
}

/** @param wanted by a setting; `undefined`: as the table has it, or the default for a new one */
export function makeFormStore(
  table: Table,
  wanted: number | undefined,
  byDefault: number,
): FormStore {
  let known: number | undefined;
  async function read(): Promise<number> {
    const form = await table.get(itemKeys.form);
    if (form) return check(form, wanted);
    await refuseFirstForm(table);
    const span = wanted ?? byDefault;
    const text = JSON.stringify({ form: FORM, span });
    const written = await table.put({ key: itemKeys.form, text, seen: undefined });
    return written === REFUSED ? read() : span;
  }
  return {
    async span() {
      known ??= await read();
      return known;
    },
  };
}

function check({ text }: Stored, wanted: number | undefined): number {
  const { form, span } = JSON.parse(text) as { form: number; span: number };
  if (form !== FORM) {
    throw new TableFormError(
      `The aggregates table is of form ${form}, and this version reads form ${FORM}: use the version that wrote it.`,
    );
  }
  if (wanted !== undefined && wanted !== span) {
    throw new TableFormError(
      `PAGE_SPAN is ${wanted}, but the table's pages were made with ${span}, and stay so. Take the setting away, ` +
        'or give the function a new table and read the topics from their beginning (docs/operate.md, "A new table").',
    );
  }
  return span;
}

/** Of the first form, every batch wrote its progress under this key before anything else. */
async function refuseFirstForm(table: Table): Promise<void> {
  for await (const { version } of table.query(itemKeys.streams, { limit: 1 })) {
    // Another one may have made the table meanwhile, with the version that every document has.
    if (version > 0) return;
    throw new TableFormError(
      'The aggregates table holds aggregates of the first form (version 0.1), which this version does not read. They stay as ' +
        'they are; give the function a new table and read the topics from their beginning (docs/operate.md, "A new table").',
    );
  }
}
