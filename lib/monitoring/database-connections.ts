// How many connections PostgreSQL accepts on an instance class: RDS sets max_connections to
// LEAST(DBInstanceClassMemory / 9531392, 5000), and neither is a metric.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
import { Size } from 'aws-cdk-lib';

const BYTES_A_CONNECTION = 9_531_392;
const CONNECTIONS_MAX = 5_000;
/** What the operating system and RDS's own processes leave of the memory. */
const USABLE_SHARE = 0.9;
/** GiB of a "large" by the family's first letter. */
const LARGE_GIB: Readonly<Record<string, number>> = { t: 8, m: 8, r: 16, x: 32 };
/** Any other family counts as one of little memory: an alarm too early, never too late. */
const SMALLEST_LARGE_GIB = 4;
const SIZES: Readonly<Record<string, number>> = {
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
};

/** @param instanceClass - without "db.", such as t4g.medium. */
export function connectionsMax(instanceClass: string): number {
  const [family = '', size = ''] = instanceClass.split('.');
  const largeGiB = LARGE_GIB[family.charAt(0)] ?? SMALLEST_LARGE_GIB;
  const memory = Size.gibibytes(1).toBytes() * largeGiB * (SIZES[size] ?? larges(size));
  return Math.min(Math.floor((USABLE_SHARE * memory) / BYTES_A_CONNECTION), CONNECTIONS_MAX);
}

/** xlarge is two of large, 4xlarge is eight. */
function larges(size: string): number {
  const times = /^(\d*)xlarge$/.exec(size)?.[1];
  return times === undefined ? 1 : 2 * Number(times || 1);
}
