// How a deployment's change events are to be read, as far as no record tells it: which topics hold which
// table, what the columns are called, and what stands for values that come without a schema. Pure.
import { DEFAULTS, ENV, TOPIC_NAME } from '../../contracts.ts';
import {
  type Environment,
  integerSetting,
  SettingError,
  textSetting,
} from '../../platform/settings.ts';
import type { TableName } from '../fold/change.ts';

const DECIMAL_HANDLINGS = ['auto', 'string', 'precise', 'double'] as const;
export type DecimalHandling = (typeof DECIMAL_HANDLINGS)[number];

const TIMESTAMP_UNITS = [
  ...(['auto', 'days', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const),
] as const;
export type TimestampUnit = (typeof TIMESTAMP_UNITS)[number];

/** What a decimal without a schema is. */
export interface DecimalForm {
  readonly handling: DecimalHandling;
  /** Digits after the point of base64, which carries none. */
  readonly scale: number;
}

/** The names under which the settings know the columns, which are also the columns' usual names. */
const COLUMN_NAMES = {
  orders: ['id', 'customer_id', 'total_amount', 'status', 'created_at'],
  order_items: ['id', 'product_id', 'quantity', 'price'],
} as const;
type OrderColumn = (typeof COLUMN_NAMES)['orders'][number];
type ItemColumn = (typeof COLUMN_NAMES)['order_items'][number];

/** Topic → its source's label, or `null` where rows of several topics share their keys. */
export type TopicLabels = ReadonlyMap<string, string | null>;

export interface DecodeOptions {
  /** Without topics of its own a table's are those whose last segment is its name. */
  readonly topics: Readonly<Partial<Record<TableName, TopicLabels>>>;
  readonly orderColumns: Readonly<Record<OrderColumn, string>>;
  readonly itemColumns: Readonly<Record<ItemColumn, string>>;
  readonly amount: DecimalForm;
  readonly price: DecimalForm;
  readonly timestampUnit: TimestampUnit;
  /** The connector's `unavailable.value.placeholder`. */
  readonly unavailableValue: string;
  readonly statusLengthMax: number;
}

const STATUS_LENGTH = { min: 1, max: 4_096 } as const;
const SCALE = { min: 0, max: 10 } as const;
const DECIMAL_COLUMNS = ['total_amount', 'price'] as const;
const LABEL = /^[A-Za-z0-9_-]{1,32}$/;
/** PostgreSQL's longest name. */
const COLUMN = /^[^\s,=]{1,63}$/;

/** @throws {SettingError} in one line, which names the setting and what is allowed. */
export function readDecodeOptions(env: Environment): DecodeOptions {
  const topics = {
    orders: readTopics(env, ENV.ordersTopics),
    order_items: readTopics(env, ENV.orderItemsTopics),
  };
  const twice = [...(topics.orders?.keys() ?? [])].find((topic) => topics.order_items?.has(topic));
  if (twice !== undefined) {
    throw new SettingError(`${ENV.ordersTopics} and ${ENV.orderItemsTopics} both hold ${twice}.`);
  }
  const handlingOf = readByDecimal(env, ENV.decimalHandling, DEFAULTS.decimalHandling, toHandling);
  const scaleOf = readByDecimal(env, ENV.decimalScale, DEFAULTS.decimalScale, toScale);
  const decimal = (column: DecimalColumn) => ({
    handling: handlingOf[column],
    scale: scaleOf[column],
  });
  return {
    topics: {
      ...(topics.orders && { orders: topics.orders }),
      ...(topics.order_items && { order_items: topics.order_items }),
    },
    orderColumns: readColumnNames(env, ENV.ordersColumns, COLUMN_NAMES.orders),
    itemColumns: readColumnNames(env, ENV.orderItemsColumns, COLUMN_NAMES.order_items),
    amount: decimal('total_amount'),
    price: decimal('price'),
    timestampUnit: oneOf(
      TIMESTAMP_UNITS,
      ENV.timestampUnit,
      env[ENV.timestampUnit] || DEFAULTS.timestampUnit,
    ),
    unavailableValue: readPlaceholder(env),
    statusLengthMax: integerSetting(env, ENV.statusLength, DEFAULTS.statusLength, STATUS_LENGTH),
  };
}

/** As Debezium reads its own: `hex:` stands before the bytes of the text. */
function readPlaceholder(env: Environment): string {
  const { unavailableValue } = ENV;
  const text = textSetting(env, unavailableValue, DEFAULTS.unavailableValue, /^.{1,255}$/u);
  const digits = /^hex:((?:[0-9a-f]{2})+)$/i.exec(text)?.[1];
  return digits === undefined ? text : Buffer.from(digits, 'hex').toString('utf8');
}

/** `topic,topic`, or with the labels of their sources `eu=topic,us=topic`. */
function readTopics(env: Environment, name: string): TopicLabels | undefined {
  const entries = readList(env[name]);
  if (entries.length === 0) return undefined;
  const topics = new Map<string, string | null>();
  for (const [left, right] of entries) {
    const [topic, label] = right === undefined ? [left, null] : [right, left];
    if (!TOPIC_NAME.test(topic) || (label !== null && !LABEL.test(label))) {
      throw wrong(name, env[name], 'a list of topics, each as <topic> or <label>=<topic>');
    }
    if (topics.has(topic)) throw new SettingError(`${name} holds ${topic} twice.`);
    topics.set(topic, label);
  }
  return topics;
}

/** `total_amount=amount,created_at=ordered_at`: what is not named keeps its usual name. */
function readColumnNames<Column extends string>(
  env: Environment,
  name: string,
  columns: readonly Column[],
): Record<Column, string> {
  const names: Record<string, string> = Object.fromEntries(
    columns.map((column) => [column, column]),
  );
  for (const [column, called] of readList(env[name])) {
    if (!Object.hasOwn(names, column) || called === undefined || !COLUMN.test(called)) {
      throw wrong(name, env[name], `a list of <column>=<its name> for ${columns.join(', ')}`);
    }
    names[column] = called;
  }
  if (new Set(Object.values(names)).size < columns.length) {
    throw new SettingError(`${name} gives two columns the same name.`);
  }
  return names as Record<Column, string>;
}

type DecimalColumn = (typeof DECIMAL_COLUMNS)[number];

/** One value for both decimal columns, or `total_amount=<value>,price=<value>`. */
function readByDecimal<Value>(
  env: Environment,
  name: string,
  otherwise: string,
  read: (name: string, text: string) => Value,
): Record<DecimalColumn, Value> {
  const values = { total_amount: read(name, otherwise), price: read(name, otherwise) };
  for (const [left, right] of readList(env[name])) {
    const columns = DECIMAL_COLUMNS.filter((column) => right === undefined || column === left);
    if (columns.length === 0) {
      throw wrong(
        name,
        env[name],
        `one value, or ${DECIMAL_COLUMNS.join('=… and ')}=… with commas`,
      );
    }
    for (const column of columns) values[column] = read(name, right ?? left);
  }
  return values;
}

function toHandling(name: string, text: string): DecimalHandling {
  return oneOf(DECIMAL_HANDLINGS, name, text);
}

function toScale(name: string, text: string): number {
  return integerSetting({ [name]: text }, name, SCALE.min, SCALE);
}

function oneOf<Word extends string>(words: readonly Word[], name: string, text: string): Word {
  const word = words.find((one) => one === text);
  if (word === undefined) throw wrong(name, text, `one of ${words.join(', ')}`);
  return word;
}

function wrong(name: string, value: string | undefined, allowed: string): SettingError {
  return new SettingError(`${name} is ${JSON.stringify(value)}: it must be ${allowed}.`);
}

/** Entries between commas, each in two at its first `=`. */
function readList(text: string | undefined): (readonly [string, string | undefined])[] {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const at = entry.indexOf('=');
      return at < 0
        ? ([entry, undefined] as const)
        : ([entry.slice(0, at).trim(), entry.slice(at + 1).trim()] as const);
    });
}
