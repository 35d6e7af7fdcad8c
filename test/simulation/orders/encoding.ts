// Changes as the bytes that Debezium's PostgreSQL connector writes, in the forms of the captures
// (test/fixtures/captures/README.md): enveloped or flattened, with schemas or without, each way of
// decimals, times and deletes. Shares nothing with the decoder.
import type { Random } from '../../support/random.ts';
import { type Row, TABLES, type TableName } from './source.ts';

export interface Encoding {
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

export function randomEncoding(random: Random): Encoding {
  const form = random.pick(['envelope', 'envelope', 'flattened', 'flattened', 'bare'] as const);
  return {
    form,
    hasSchemas: random.chance(0.3),
    isIdentityFull: random.chance(0.4),
    decimals: random.pick(['bytes', 'bytes', 'text', 'number'] as const),
    times: random.pick(['micros', 'micros', 'millis', 'text'] as const),
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

export function encodeKey(table: TableName, id: bigint, { hasSchemas }: Encoding): string {
  const payload = { id: JSON.rawJSON(id.toString()) };
  const fields = [{ type: 'int64', optional: false, default: 0, field: 'id' }];
  const schema = { type: 'struct', fields, optional: false, name: `dbserver1.public.${table}.Key` };
  return JSON.stringify(hasSchemas ? { schema, payload } : payload);
}

function envelope(event: Event, encoding: Encoding): object {
  const { op, table, id, before, after, origin } = event;
  const shown = encoding.isIdentityFull ? before : undefined;
  const keyOnly = op === 'd' ? nulls(table, id) : null;
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
      ? nulls(table, id)
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
      id: raw(id),
      order_id: 1,
      product_id: raw(product),
      quantity: raw(quantity),
      price: decimal(cents, encoding),
    };
  }
  const { customer, cents, status, createdUs } = row.values;
  return {
    id: raw(id),
    customer_id: raw(customer),
    total_amount: decimal(cents, encoding),
    status: isStatusUnavailable ? UNAVAILABLE : status,
    created_at: time(createdUs, encoding),
  };
}

function nulls(table: TableName, id: bigint): object {
  const names = COLUMNS[table].map(([name]) => name);
  return { ...Object.fromEntries(names.map((name) => [name, null])), id: raw(id) };
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
