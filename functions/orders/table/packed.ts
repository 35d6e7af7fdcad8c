// Whole numbers of any size in JSON: as a number where a double holds it, else as text. Pure.
export type PackedInteger = number | string;

export function packInteger(value: bigint): PackedInteger {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

export function unpackInteger(value: PackedInteger): bigint {
  return BigInt(value);
}
