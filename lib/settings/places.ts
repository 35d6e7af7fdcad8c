// Where things are: in the bucket, and in which region. What is not where the rest is, is named.
import { ABANDONED_PREFIX, QUARANTINE_PREFIX, REDRIVEN_PREFIX } from '../../functions/contracts.ts';
import type { ContextKey, ContextValues } from './context-keys.ts';
import type { Rule } from './rules.ts';

export const PLACES: readonly Rule[] = [
  ({ reportPrefix }) => {
    const taken = [ABANDONED_PREFIX, QUARANTINE_PREFIX, REDRIVEN_PREFIX].find(
      (prefix) => prefix.startsWith(`${reportPrefix}/`) || `${reportPrefix}/`.startsWith(prefix),
    );
    return (
      taken &&
      `Setting reportPrefix is "${reportPrefix}": the bucket has other things under ${taken}.`
    );
  },
  (values) => {
    const [first, ...others] = regionsOf(values);
    const second = others.find(({ region }) => region !== first?.region);
    if (!first || !second) return undefined;
    return `Settings ${first.key} (${first.region}) and ${second.key} (${second.region}) are of two regions.`;
  },
];

/** CloudFront takes its certificate from us-east-1, wherever the stack is. */
const OF_NO_REGION: readonly ContextKey[] = ['consoleCertificateArn'];

export function regionsOf(values: ContextValues): { key: ContextKey; region: string }[] {
  const { availabilityZones: zones = [] } = values;
  const keys = (Object.keys(values) as ContextKey[]).filter((key) => !OF_NO_REGION.includes(key));
  const ofArns = keys.flatMap((key) => {
    const [, region] = /^arn:[^:]+:[^:]+:([a-z0-9-]+):/.exec(String(values[key])) ?? [];
    return region ? [{ key, region }] : [];
  });
  const ofZones = zones.map((zone) => ({
    key: 'availabilityZones' as const,
    region: zone.slice(0, -1),
  }));
  return [...ofArns, ...ofZones];
}
