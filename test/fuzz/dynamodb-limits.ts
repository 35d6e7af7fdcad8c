// A table that refuses what DynamoDB refuses: an update that is too long, a number of too many digits, text
// that is no Unicode, an item that is too large. Each of them would fail its batch for ever.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
import {
  type Attribute,
  type Item,
  toExpressions,
  type UpdateRequest,
} from '../../functions/orders/store/update-request.ts';
import type { MemoryTable } from '../support/memory-table.ts';

const EXPRESSION_BYTES_MAX = 4_096;
const DIGITS_MAX = 38;
const ITEM_BYTES_MAX = 400 * 1_024;

class ValidationException extends Error {
  override readonly name = 'ValidationException';
}

export function strictAsDynamoDb(table: MemoryTable): MemoryTable {
  const update = table.update.bind(table);
  const put = table.put.bind(table);
  return Object.assign(table, {
    async update(request: UpdateRequest) {
      const { UpdateExpression = '', ConditionExpression = '' } = toExpressions(request);
      for (const text of [UpdateExpression, ConditionExpression]) {
        if (text.length > EXPRESSION_BYTES_MAX) throw refused(`an expression of ${text.length}`);
      }
      const item = await update(request);
      if (typeof item === 'object') checkItem(item);
      return item;
    },
    async put(...[item, conditions]: Parameters<MemoryTable['put']>) {
      checkItem(item);
      return put(item, conditions);
    },
  });
}

function checkItem(item: Item): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    if (!name.isWellFormed()) throw refused('a name that is no Unicode');
    bytes += Buffer.byteLength(name) + checkAttribute(value);
  }
  if (bytes > ITEM_BYTES_MAX) throw refused(`an item of ${bytes} bytes`);
}

function checkAttribute(value: Attribute): number {
  if ('S' in value && !value.S.isWellFormed()) throw refused('text that is no Unicode');
  if ('S' in value) return Buffer.byteLength(value.S);
  if (!('N' in value)) return 1;
  const digits = value.N.replace(/[-.]/g, '').replace(/^0+/, '');
  if (digits.length > DIGITS_MAX) throw refused(`a number of ${digits.length} digits`);
  return digits.length;
}

function refused(what: string): ValidationException {
  return new ValidationException(`DynamoDB takes no such thing: ${what}`);
}
