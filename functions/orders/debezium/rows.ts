// The columns of the two tables, read into rows. Pure.
import type { ItemRow, OrderRow, RowChange, TableName } from '../fold/change.ts';
import { ColumnError, readDecimal, readInt32, readInt64, readText } from './column-values.ts';
import { readDay } from './day.ts';
import type { JsonObject, JsonValue } from './exact-json.ts';
import type { ColumnType, ColumnTypes } from './message.ts';

/** Debezium's `unavailable.value.placeholder`: an unchanged TOAST column that was not sent. */
const UNAVAILABLE = '__debezium_unavailable_value';
/** A status becomes an attribute's name, and the items that hold it stay small. */
const STATUS_LENGTH_MAX = 4_096;
/** Sums of such revenues, with 10 digits after the point, stay within DynamoDB's 38 digits for 10^10 items. */
const REVENUE_INTEGER_DIGITS_MAX = 18;

export interface RowOptions {
  /** Digits after the point of base64 decimals that come without a schema. */
  readonly decimalScale: number;
}

type Columns<Row> = {
  readonly [Field in keyof Row]: {
    readonly column: string;
    readonly read: (
      value: JsonValue,
      type: ColumnType | undefined,
      options: RowOptions,
    ) => NonNullable<Row[Field]>;
  };
};

const ORDER_COLUMNS: Columns<OrderRow> = {
  customer: { column: 'customer_id', read: readInt64 },
  amount: {
    column: 'total_amount',
    read: (value, type, { decimalScale }) => readDecimal(value, type, decimalScale),
  },
  status: { column: 'status', read: (value) => readText(value, STATUS_LENGTH_MAX) },
  day: { column: 'created_at', read: readDay },
};

const ITEM_COLUMNS: Columns<ItemRow> = {
  product: { column: 'product_id', read: readInt64 },
  quantity: { column: 'quantity', read: readInt32 },
  price: {
    column: 'price',
    read: (value, type, { decimalScale }) => readDecimal(value, type, decimalScale),
  },
};

export function isTable(name: string): name is TableName {
  return name === 'orders' || name === 'order_items';
}

/** @throws {ColumnError} naming the column that is missing or cannot be read. */
export function readRow(
  table: TableName,
  values: JsonObject,
  types: ColumnTypes,
  options: RowOptions,
): RowChange {
  if (table === 'orders') return { table, row: readColumns(ORDER_COLUMNS, values, types, options) };
  const row = readColumns(ITEM_COLUMNS, values, types, options);
  checkRevenue(row);
  return { table, row };
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

/** The primary key. @throws {ColumnError} */
export function readId(values: JsonObject): bigint {
  return readColumn('id', values, readInt64);
}

function readColumns<Row>(
  columns: Columns<Row>,
  values: JsonObject,
  types: ColumnTypes,
  options: RowOptions,
): Partial<Row> {
  const row: Partial<Row> = {};
  for (const field of Object.keys(columns) as (keyof Row)[]) {
    const { column, read } = columns[field];
    const value = readColumn(column, values, (raw) => {
      if (raw === UNAVAILABLE) return undefined;
      return raw === null ? null : read(raw, types.get(column), options);
    });
    if (value !== undefined) row[field] = value as Row[keyof Row];
  }
  return row;
}

function readColumn<T>(column: string, values: JsonObject, read: (value: JsonValue) => T): T {
  const value = values[column];
  if (value === undefined) throw new ColumnError(`column ${column} is missing`);
  try {
    return read(value);
  } catch (error) {
    if (error instanceof ColumnError) throw new ColumnError(`column ${column} ${error.message}`);
    throw error;
  }
}
