// DynamoDB's numbers: exact, up to 38 significant digits, told back without needless zeros. Shares
// nothing with the decimals of the product, so that a fault in one cannot hide in the other.

interface Exact {
  readonly coefficient: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const DIGITS_MAX = 38;
const MAGNITUDE_MAX = 126;
const MAGNITUDE_MIN = -129;

/** Why DynamoDB would refuse a number. */
export class NumberError extends Error {}

function read(text: string): Exact {
  const [, sign, whole = '', fraction = '', exponent = '0'] = FORM.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') {
    throw new NumberError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const magnitude = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  return {
    coefficient: (sign === '-' ? -magnitude : magnitude) * 10n ** BigInt(Math.max(-scale, 0)),
    scale: Math.max(scale, 0),
  };
}

function show({ coefficient, scale }: Exact): string {
  const magnitude = coefficient < 0n ? -coefficient : coefficient;
  const digits = magnitude.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const significant = `${whole}${fraction}`.replace(/^0+/, '').replace(/0+$/, '');
  const size = whole === '0' ? fraction.search(/[1-9]/) * -1 : whole.length;
  if (significant.length > DIGITS_MAX) {
    throw new NumberError('Attempting to store more than 38 significant digits in a Number');
  }
  if (significant !== '' && (size > MAGNITUDE_MAX || size < MAGNITUDE_MIN)) {
    throw new NumberError('Number overflow. Attempting to store a number out of the range');
  }
  return `${coefficient < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
}

/** @throws {NumberError} */
export function normalizeNumber(text: string): string {
  return /^(0|-?[1-9]\d{0,17})$/.test(text) ? text : show(read(text));
}

/** @throws {NumberError} */
export function addNumbers(a: string, b: string): string {
  const [x, y] = [read(a), read(b)];
  const scale = Math.max(x.scale, y.scale);
  return show({ coefficient: at(x, scale) + at(y, scale), scale });
}

/** Negative, zero or positive, as `Array.sort` wants it. */
export function compareNumbers(a: string, b: string): number {
  const [x, y] = [read(a), read(b)];
  const scale = Math.max(x.scale, y.scale);
  const [left, right] = [at(x, scale), at(y, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function at({ coefficient, scale }: Exact, wanted: number): bigint {
  return coefficient * 10n ** BigInt(wanted - scale);
}
