// A table that refuses what DynamoDB refuses: text that is no Unicode, keys and items that are too large. Each
// of them would fail its batch for ever.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
import type { Writing } from '../../functions/orders/table/table-store.ts';
import type { MemoryTable } from '../support/memory-table.ts';

const PARTITION_KEY_BYTES_MAX = 2_048;
const SORT_KEY_BYTES_MAX = 1_024;
const ITEM_BYTES_MAX = 400 * 1_024;

class ValidationException extends Error {
  override readonly name = 'ValidationException';
}

export function strictAsDynamoDb(table: MemoryTable): MemoryTable {
  const put = table.put.bind(table);
  return Object.assign(table, {
    async put(writing: Writing) {
      const { key, text } = writing;
      checkText('a partition key', key.pk, PARTITION_KEY_BYTES_MAX);
      checkText('a sort key', key.sk, SORT_KEY_BYTES_MAX);
      checkText('an item', text, ITEM_BYTES_MAX - Buffer.byteLength(key.pk + key.sk));
      return put(writing);
    },
  });
}

function checkText(what: string, text: string, bytesMax: number): void {
  if (!text.isWellFormed()) throw refused(`${what} that is no Unicode`);
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax || bytes === 0) throw refused(`${what} of ${bytes} bytes`);
}

function refused(what: string): ValidationException {
  return new ValidationException(`DynamoDB takes no such thing: ${what}`);
}
