// A DECIMAL column in every encoding that a Postgres connector writes. What it is, its schema says; without
// one its own form does, where it has but one reading; where it has two, the deployment must say. Pure.
// Encodings: Debezium documentation, PostgreSQL connector, "Decimal types"; Kafka Connect
// org.apache.kafka.connect.data.Decimal.
import { ENV } from '../../contracts.ts';
import { Decimal } from '../decimal.ts';
import { ColumnError, showValue } from './column-values.ts';
import { isJsonObject, type JsonValue, NumberLiteral } from './exact-json.ts';
import type { ColumnType } from './message.ts';
import type { DecimalForm } from './options.ts';

/** Sums of such amounts stay within DynamoDB's 38 digits for 10^13 rows. */
const AMOUNT_INTEGER_DIGITS_MAX = 15;
const AMOUNT_SCALE_MAX = 10;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** As databases, Java and JavaScript write them. "Infinity" is base64 as well. */
const NOT_FINITE = /^[+-]?(?:nan|inf|(?:(?:positive|negative)_)?infinity)$/i;
/** Longer text is no amount that could be counted, and not worth the time to find out. */
const TEXT_LENGTH_MAX = 64;
/** Longer integers are read digit by digit. */
const NUMBER_BYTES_MAX = 6;
/** PostgreSQL's own bound. Beyond it a scale is no scale, but work without end. */
const SCALE_MAX = 1_000;

/** @throws {ColumnError} */
export function readDecimal(
  value: JsonValue,
  type: ColumnType | undefined,
  form: DecimalForm,
): Decimal {
  const decimal = typeof value === 'string' ? ofText(value, type, form) : ofValue(value);
  if (!decimal) throw new ColumnError(`is ${showValue(value)}, not a decimal number`);
  const trimmed = decimal.trimmed();
  const { precision, scale = decimal.scale } = type ?? {};
  if (
    trimmed.integerDigits > AMOUNT_INTEGER_DIGITS_MAX ||
    trimmed.scale > AMOUNT_SCALE_MAX ||
    (precision !== undefined && trimmed.integerDigits > Math.max(precision - scale, 1))
  ) {
    throw new ColumnError(
      `is ${showValue(value)}: at most ${AMOUNT_INTEGER_DIGITS_MAX} digits before the point and ` +
        `${AMOUNT_SCALE_MAX} after it are counted, and no more than the column's own precision`,
    );
  }
  return trimmed;
}

/** Numbers and `{scale, value}` speak for themselves. */
function ofValue(value: JsonValue): Decimal | undefined {
  if (typeof value === 'number') return Decimal.parse(String(value));
  if (typeof value === 'bigint') return Decimal.ofInteger(value);
  if (value instanceof NumberLiteral) return ofDigits(value.text);
  if (!isJsonObject(value)) return undefined;
  const { scale, value: unscaled } = value;
  return typeof scale === 'number' && typeof unscaled === 'string'
    ? ofBase64(unscaled, scale)
    : undefined;
}

function ofText(
  text: string,
  type: ColumnType | undefined,
  form: DecimalForm,
): Decimal | undefined {
  if (type?.type === 'bytes') return ofBase64(text, type.scale ?? form.scale);
  if (type?.type === 'string') return ofDigits(text);
  if (type?.type !== undefined) return undefined;
  if (form.handling === 'string') return ofDigits(text);
  if (form.handling === 'precise') return ofBase64(text, form.scale);
  if (form.handling === 'double') return undefined;
  return ofOneReading(text, form.scale);
}

/** Text with a point, a sign or another length than base64 has is digits; "1500" could be both. */
function ofOneReading(text: string, scale: number): Decimal | undefined {
  const [digits, base64] = [ofDigits(text), ofBase64(text, scale)];
  if (!base64) return digits;
  if (!digits && !NOT_FINITE.test(text)) return base64;
  throw new ColumnError(
    `is ${showValue(text)}, which can be read as text or as base64 (${base64.toText()}): ` +
      `say which by ${ENV.decimalHandling}=string or precise, or let the connector send a schema ` +
      'or decimal.format=NUMERIC',
  );
}

function ofDigits(text: string): Decimal | undefined {
  return text.length > TEXT_LENGTH_MAX ? undefined : Decimal.parse(text);
}

/** Of the unscaled integer in two's complement. */
function ofBase64(base64: string, scale: number): Decimal | undefined {
  if (!Number.isInteger(scale) || Math.abs(scale) > SCALE_MAX) return undefined;
  if (base64 === '' || base64.length > TEXT_LENGTH_MAX || !BASE64.test(base64)) return undefined;
  return new Decimal(toInteger(Buffer.from(base64, 'base64')), scale);
}

function toInteger(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length <= NUMBER_BYTES_MAX) return BigInt(bytes.readIntBE(0, length));
  return BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex')}`));
}
