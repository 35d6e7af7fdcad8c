// Arithmetic on decimals by their text, exact: doubles are for pixels alone. Pure.

interface Scaled {
  readonly units: bigint;
  readonly scale: number;
}

const FORM = /^(-?)(\d+)(?:\.(\d+))?$/;

export function isDecimal(text: string): boolean {
  return FORM.test(text);
}

/** @throws {RangeError} when the text is no plain decimal. */
function scaled(text: string): Scaled {
  const [, sign = '', whole = '', fraction = ''] = FORM.exec(text) ?? [];
  if (whole === '') throw new RangeError(`"${text}" is no decimal.`);
  return { units: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

function aligned(a: string, b: string): readonly [bigint, bigint, number] {
  const [left, right] = [scaled(a), scaled(b)];
  const scale = Math.max(left.scale, right.scale);
  const lift = ({ units, scale: own }: Scaled) => units * 10n ** BigInt(scale - own);
  return [lift(left), lift(right), scale];
}

function print(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const text = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

export function plus(a: string, b: string): string {
  const [left, right, scale] = aligned(a, b);
  return print(left + right, scale);
}

export function minus(a: string, b: string): string {
  const [left, right, scale] = aligned(a, b);
  return print(left - right, scale);
}

/** Below, at or above zero: -1, 0, 1. */
export function sign(text: string): -1 | 0 | 1 {
  const { units } = scaled(text);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Of `part` in `whole`, in percent with one decimal, half away from zero; undefined of nothing. */
export function percent(part: string, whole: string): string | undefined {
  const [left, right] = aligned(part, whole);
  if (right === 0n) return undefined;
  const [top, bottom] = right < 0n ? [-left, -right] : [left, right];
  const doubled = top * 2000n;
  const tenths = (doubled + (top < 0n ? -bottom : bottom)) / (bottom * 2n);
  return print(tenths, 1);
}

/** As a share of the largest, 0 to 1: for the length of a bar. */
export function share(text: string, largest: string): number {
  const whole = Number(largest);
  const part = Number(text);
  return whole > 0 && part > 0 ? Math.min(1, part / whole) : 0;
}
