// Exact decimals of any size: coefficient × 10^-scale. No float on the way in or out. Pure.

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

export class Decimal {
  static readonly ZERO = new Decimal(0n, 0);

  readonly coefficient: bigint;
  /** Digits after the point, never negative. */
  readonly scale: number;

  constructor(coefficient: bigint, scale: number) {
    this.coefficient = shifted(coefficient, Math.max(-scale, 0));
    this.scale = Math.max(scale, 0);
  }

  static ofInteger(value: bigint | number): Decimal {
    return new Decimal(BigInt(value), 0);
  }

  /** Reads `-12.50`, `1e3`, `.5`; `undefined` when the text is no finite decimal. */
  static parse(text: string): Decimal | undefined {
    const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL_TEXT.exec(text) ?? [];
    if (sign === undefined || whole + fraction === '') return undefined;
    const magnitude = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -magnitude : magnitude, fraction.length - Number(exponent));
  }

  /** For text that a store or a test vouches for. @throws {TypeError} when it is no decimal. */
  static of(text: string): Decimal {
    const value = Decimal.parse(text);
    if (!value) throw new TypeError(`"${text}" is not a decimal number.`);
    return value;
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) {
      return new Decimal(this.coefficient + other.coefficient, this.scale);
    }
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.coefficientAt(scale) + other.coefficientAt(scale), scale);
  }

  times(factor: bigint): Decimal {
    return new Decimal(this.coefficient * factor, this.scale);
  }

  negated(): Decimal {
    return new Decimal(-this.coefficient, this.scale);
  }

  /** Negative, zero or positive, as `Array.sort` wants it. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const [a, b] = [this.coefficientAt(scale), other.coefficientAt(scale)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  get isZero(): boolean {
    return this.coefficient === 0n;
  }

  get isNegative(): boolean {
    return this.coefficient < 0n;
  }

  /** Digits before the point, 1 for values below 1. */
  get integerDigits(): number {
    const digits = this.coefficient.toString().replace('-', '').length;
    return Math.max(digits - this.scale, 1);
  }

  /** The same value without zeros at the end of its fraction. */
  trimmed(): Decimal {
    let { coefficient, scale } = this;
    while (scale > 0 && coefficient % 10n === 0n) {
      coefficient /= 10n;
      scale -= 1;
    }
    return scale === this.scale ? this : new Decimal(coefficient, scale);
  }

  /** Plain decimal text with at least `minimumScale` digits after the point; never an exponent. */
  toText(minimumScale = 0): string {
    const { coefficient, scale } = this.trimmed();
    const shown = Math.max(scale, minimumScale);
    const magnitude = coefficient < 0n ? -coefficient : coefficient;
    const digits = shifted(magnitude, shown - scale)
      .toString()
      .padStart(shown + 1, '0');
    const sign = coefficient < 0n ? '-' : '';
    const whole = digits.slice(0, digits.length - shown);
    return shown === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-shown)}`;
  }

  private coefficientAt(scale: number): bigint {
    return shifted(this.coefficient, scale - this.scale);
  }
}

/** By so many digits to the left: mostly by none, and powers are dear. */
function shifted(value: bigint, digits: number): bigint {
  return digits === 0 ? value : value * 10n ** BigInt(digits);
}
