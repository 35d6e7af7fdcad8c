// Changes as the bytes that Debezium's PostgreSQL connector writes, in the forms of the captures
// (test/fixtures/captures/README.md): enveloped or flattened, with schemas or without, each way of
// decimals, times and deletes. Shares nothing with the decoder.
import type { Random } from '../../support/random.ts';
import { type Row, TABLES, type TableName } from './source.ts';

export interface Encoding {
  /** What rows are known by: one integer, with the tenant or the partition's column, a text. */
  readonly keys: 'id' | 'tenant' | 'partitioned' | 'text';
  /** `bare`: ExtractNewRecordState with nothing added. */
  readonly form: 'envelope' | 'flattened' | 'bare';
  readonly hasSchemas: boolean;
  /** REPLICA IDENTITY FULL: the row before a change is known, and nothing is ever unavailable. */
  readonly isIdentityFull: boolean;
  readonly decimals: 'bytes' | 'text' | 'number';
  readonly times: 'micros' | 'millis' | 'text';
  /** Prefix of the LSN's field in a flattened event, if it is added. */
  readonly lsnField: '__lsn' | '__source_lsn' | undefined;
  /** What ExtractNewRecordState leaves of a delete. */
  readonly deletes: 'rewrite-with-tombstone' | 'tombstone' | 'delete-to-tombstone';
}

export interface Origin {
  readonly lsn: bigint | null;
  readonly committedMs: number;
  readonly snapshot: string;
}

export interface Event {
  readonly op: 'c' | 'u' | 'd' | 'r';
  readonly table: TableName;
  readonly id: bigint;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  readonly isStatusUnavailable: boolean;
  readonly origin: Origin;
}

export const UNAVAILABLE = '__debezium_unavailable_value';

/** Whether an event says where the source wrote it. */
export const tellsLsn = ({ form, lsnField }: Encoding): boolean =>
  form === 'envelope' || lsnField !== undefined;

export function randomEncoding(random: Random): Encoding {
  const keys = random.pick(['id', 'id', 'id', 'tenant', 'partitioned', 'text'] as const);
  const form = random.pick(['envelope', 'envelope', 'flattened', 'flattened', 'bare'] as const);
  return {
    keys,
    form,
    hasSchemas: random.chance(0.3),
    isIdentityFull: random.chance(0.4),
    decimals: random.pick(['bytes', 'bytes', 'text', 'number'] as const),
    // Half a key's digits would be another row's key.
    times:
      keys === 'partitioned'
        ? 'micros'
        : random.pick(['micros', 'micros', 'millis', 'text'] as const),
    lsnField:
      form === 'flattened' ? random.pick(['__lsn', '__source_lsn', undefined] as const) : undefined,
    deletes:
      form === 'bare'
        ? random.pick(['tombstone', 'delete-to-tombstone'] as const)
        : 'rewrite-with-tombstone',
  };
}

/** The values of the records of one event, in order; `null` is a record without a value. */
export function encodeEvent(event: Event, encoding: Encoding): (string | null)[] {
  if (encoding.form === 'envelope') {
    const value = withSchema(envelope(event, encoding), encoding, event.table, true);
    return event.op === 'd' ? [value, null] : [value];
  }
  if (event.op !== 'd')
    return [withSchema(flattened(event, encoding), encoding, event.table, false)];
  if (encoding.deletes === 'delete-to-tombstone') return [null];
  if (encoding.deletes === 'tombstone') return [withSchema(null, encoding, event.table, false)];
  return [withSchema(flattened(event, encoding), encoding, event.table, false), null];
}

export function encodeKey(id: bigint, row: Row, encoding: Encoding): string {
  const payload = keyColumns(id, row, encoding);
  if (!encoding.hasSchemas) return JSON.stringify(payload);
  const fields = Object.entries(payload).map(([field, value]) => {
    return { type: typeof value === 'string' ? 'string' : 'int64', optional: false, field };
  });
  const name = `dbserver1.public.${row.table}.Key`;
  return JSON.stringify({ schema: { type: 'struct', fields, optional: false, name }, payload });
}

/** What a row is known by, as text. */
export function nameOfRow(id: bigint, row: Row, encoding: Encoding): string {
  return `${row.table} ${JSON.stringify(keyColumns(id, row, encoding))}`;
}

function keyColumns(id: bigint, row: Row, encoding: Encoding): Record<string, unknown> {
  const { keys } = encoding;
  if (keys === 'text') return { id: `row ${id}` };
  if (keys === 'tenant') return { tenant_id: 7, id: raw(id) };
  if (keys === 'partitioned' && row.table === 'orders') {
    return { id: raw(id), created_at: time(row.values.createdUs, encoding) };
  }
  return { id: raw(id) };
}

function envelope(event: Event, encoding: Encoding): object {
  const { op, table, id, before, after, origin } = event;
  const shown = encoding.isIdentityFull ? before : undefined;
  const keyOnly = op === 'd' && before ? nulls(id, before, encoding) : null;
  return {
    before: shown ? columns(id, shown, encoding, false) : keyOnly,
    after: after ? columns(id, after, encoding, event.isStatusUnavailable) : null,
    source: {
      version: '3.7.0.Final',
      connector: 'postgresql',
      name: 'dbserver1',
      ts_ms: origin.committedMs,
      snapshot: origin.snapshot,
      db: 'shop',
      schema: 'public',
      table,
      lsn: origin.lsn === null ? null : raw(origin.lsn),
      xmin: null,
    },
    transaction: null,
    op,
    ts_ms: origin.committedMs + 90,
    ts_ns: JSON.rawJSON(`${origin.committedMs + 90}123456`),
  };
}

function flattened(event: Event, encoding: Encoding): object {
  const { op, table, id, before, after, origin } = event;
  const row =
    op === 'd' && !encoding.isIdentityFull
      ? nulls(id, before as Row, encoding)
      : columns(id, (after ?? before) as Row, encoding, event.isStatusUnavailable);
  if (encoding.form === 'bare') return row;
  return {
    ...row,
    __deleted: op === 'd' ? 'true' : 'false',
    __op: op,
    __source_ts_ms: origin.committedMs,
    __source_table: table,
    ...(encoding.lsnField && {
      [encoding.lsnField]: origin.lsn === null ? null : raw(origin.lsn),
    }),
  };
}

function columns(id: bigint, row: Row, encoding: Encoding, isStatusUnavailable: boolean): object {
  if (row.table === 'order_items') {
    const { product, quantity, cents } = row.values;
    return {
      ...keyColumns(id, row, encoding),
      order_id: 1,
      product_id: raw(product),
      quantity: raw(quantity),
      price: decimal(cents, encoding),
    };
  }
  const { customer, cents, status, createdUs } = row.values;
  return {
    ...keyColumns(id, row, encoding),
    customer_id: raw(customer),
    total_amount: decimal(cents, encoding),
    status: isStatusUnavailable ? UNAVAILABLE : status,
    created_at: time(createdUs, encoding),
  };
}

/** The key alone. */
function nulls(id: bigint, row: Row, encoding: Encoding): object {
  const names = COLUMNS[row.table].map(([name]) => name);
  const none = Object.fromEntries(names.map((name) => [name, null]));
  return { ...none, ...keyColumns(id, row, encoding) };
}

function raw(value: bigint | null): unknown {
  return value === null ? null : JSON.rawJSON(value.toString());
}

function decimal(cents: bigint | null, { decimals }: Encoding): unknown {
  if (cents === null) return null;
  if (decimals === 'bytes') return decimalBytes(cents);
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  const text = `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return decimals === 'text' ? text : JSON.rawJSON(text);
}

/** Big-endian two's complement, no longer than needed. */
function decimalBytes(unscaled: bigint): string {
  let length = 1;
  while (BigInt.asIntN(8 * length, unscaled) !== unscaled) length += 1;
  const hex = BigInt.asUintN(8 * length, unscaled)
    .toString(16)
    .padStart(2 * length, '0');
  return Buffer.from(hex, 'hex').toString('base64');
}

function time(us: bigint | null, { times }: Encoding): unknown {
  if (us === null) return null;
  if (times === 'micros') return raw(us);
  const ms = us >= 0n ? us / 1000n : -((999n - us) / 1000n);
  return times === 'millis' ? raw(ms) : new Date(Number(ms)).toISOString();
}

const COLUMNS: Readonly<Record<TableName, readonly (readonly [string, string])[]>> = {
  orders: [
    ['id', 'int64'],
    ['customer_id', 'int64'],
    ['total_amount', 'decimal'],
    ['status', 'string'],
    ['created_at', 'time'],
  ],
  order_items: [
    ['id', 'int64'],
    ['order_id', 'int64'],
    ['product_id', 'int64'],
    ['quantity', 'int32'],
    ['price', 'decimal'],
  ],
};

function fieldOf(name: string, kind: string, { decimals, times }: Encoding): object {
  if (kind === 'decimal' && decimals !== 'text') {
    const parameters = { scale: '2', 'connect.decimal.precision': '17' };
    const logical = { name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters };
    return { type: 'bytes', optional: true, ...logical, field: name };
  }
  if (kind === 'time') {
    return {
      micros: {
        type: 'int64',
        optional: true,
        name: 'io.debezium.time.MicroTimestamp',
        field: name,
      },
      millis: { type: 'int64', optional: true, name: 'io.debezium.time.Timestamp', field: name },
      text: { type: 'string', optional: true, name: 'io.debezium.time.IsoTimestamp', field: name },
    }[times];
  }
  return { type: kind === 'decimal' ? 'string' : kind, optional: true, field: name };
}

/** Made once for each encoding and table, as it is written with each record. */
const schemas = new WeakMap<Encoding, Map<TableName, string>>();

function schemaOf(encoding: Encoding, table: TableName, isEnvelope: boolean): string {
  const known = schemas.get(encoding) ?? new Map(TABLES.map((one) => [one, '']));
  schemas.set(encoding, known);
  const found = known.get(table);
  if (found) return found;
  const fields = COLUMNS[table].map(([name, kind]) => fieldOf(name, kind, encoding));
  const row = { type: 'struct', fields, optional: true, name: `dbserver1.public.${table}.Value` };
  const text = JSON.stringify(
    isEnvelope
      ? {
          ...row,
          fields: ['before', 'after'].map((field) => ({ ...row, field })),
          name: 'Envelope',
        }
      : row,
  );
  known.set(table, text);
  return text;
}

function withSchema(
  payload: object | null,
  encoding: Encoding,
  table: TableName,
  isEnvelope: boolean,
): string {
  const text = JSON.stringify(payload);
  if (!encoding.hasSchemas) return text;
  return `{"schema":${schemaOf(encoding, table, isEnvelope)},"payload":${text}}`;
}
