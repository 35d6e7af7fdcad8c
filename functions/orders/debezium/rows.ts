// The columns of the two tables, read into rows. Pure.
import { ENV } from '../../contracts.ts';
import type { ItemRow, OrderRow, RowChange, TableName } from '../fold/change.ts';
import { unwrapUnion } from './avro-json.ts';
import { ColumnError, readInt32, readInt64, readText } from './column-values.ts';
import { readDay } from './day.ts';
import { readDecimal } from './decimals.ts';
import type { JsonObject, JsonValue } from './exact-json.ts';
import type { ColumnType, ColumnTypes, KeepDigits } from './message.ts';
import type { DecodeOptions } from './options.ts';

/** Sums of such revenues, with 10 digits after the point, stay within DynamoDB's 38 digits for 10^10 items. */
const REVENUE_INTEGER_DIGITS_MAX = 18;

const OTHER_NAME = `one of another name must be in ${ENV.ordersColumns} or ${ENV.orderItemsColumns}`;

export interface Values {
  readonly values: JsonObject;
  readonly types: ColumnTypes;
  readonly keepDigits: KeepDigits;
}

type Read<T> = (value: JsonValue, type: ColumnType | undefined) => T;

interface Column<T> {
  readonly column: string;
  readonly of?: 'decimal';
  readonly read: Read<T>;
}

type Columns<Row> = readonly {
  readonly [Field in keyof Row]: Column<NonNullable<Row[Field]>> & { readonly field: Field };
}[keyof Row][];

export interface RowReader {
  /** @throws {ColumnError} naming the column that is missing or cannot be read. */
  readRow(table: TableName, values: Values): RowChange;
  /** What the columns that are counted are called here; the first is the id. */
  readonly columnNames: Readonly<Record<TableName, readonly string[]>>;
}

export function makeRowReader(options: DecodeOptions): RowReader {
  const { orderColumns, itemColumns, unavailableValue } = options;
  const orders = describeOrder(options);
  const items = describeItem(options);
  return {
    columnNames: {
      orders: [orderColumns.id, ...orders.map(({ column }) => column)],
      order_items: [itemColumns.id, ...items.map(({ column }) => column)],
    },
    readRow(table, values) {
      if (table === 'orders') {
        return { table, row: readColumns<OrderRow>(orders, values, unavailableValue) };
      }
      const row = readColumns<ItemRow>(items, values, unavailableValue);
      checkRevenue(row);
      return { table, row };
    },
  };
}

function describeOrder(options: DecodeOptions): Columns<OrderRow> {
  const { orderColumns: names, amount, timestampUnit, statusLengthMax } = options;
  return [
    { field: 'customer', column: names.customer_id, read: readInt64 },
    {
      field: 'amount',
      column: names.total_amount,
      of: 'decimal',
      read: (value, type) => readDecimal(value, type, amount),
    },
    { field: 'status', column: names.status, read: (value) => readText(value, statusLengthMax) },
    {
      field: 'day',
      column: names.created_at,
      read: (value, type) => readDay(value, type, timestampUnit),
    },
  ];
}

function describeItem({ itemColumns: names, price }: DecodeOptions): Columns<ItemRow> {
  return [
    { field: 'product', column: names.product_id, read: readInt64 },
    { field: 'quantity', column: names.quantity, read: readInt32 },
    {
      field: 'price',
      column: names.price,
      of: 'decimal',
      read: (value, type) => readDecimal(value, type, price),
    },
  ];
}

function checkRevenue({ quantity, price }: Partial<ItemRow>): void {
  if (quantity == null || price == null) return;
  const revenue = price.times(quantity);
  if (revenue.integerDigits <= REVENUE_INTEGER_DIGITS_MAX) return;
  throw new ColumnError(
    `columns quantity and price make ${revenue.toText()}: ` +
      `at most ${REVENUE_INTEGER_DIGITS_MAX} digits before the point can be counted`,
  );
}

function readColumns<Row>(
  columns: Columns<Row>,
  { values, types, keepDigits }: Values,
  unavailableValue: string,
): Partial<Row> {
  const row: Partial<Row> = {};
  for (const one of columns) {
    const { field, column, of } = one;
    const sent = values[column];
    if (sent === undefined) throw new ColumnError(`column ${column} is missing: ${OTHER_NAME}`);
    const value = keepDigits(unwrapUnion(sent), of);
    if (value === unavailableValue) continue;
    const read = value === null ? null : readColumn(one, value, types.get(column));
    row[field] = read as Row[keyof Row];
  }
  return row;
}

function readColumn<T>(
  { column, read }: Column<T>,
  value: JsonValue,
  type: ColumnType | undefined,
): T {
  try {
    return read(value, type);
  } catch (error) {
    if (error instanceof ColumnError) throw new ColumnError(`column ${column} ${error.message}`);
    throw error;
  }
}
