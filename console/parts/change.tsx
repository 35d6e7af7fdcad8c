// By how much a figure differs from an earlier one: a sign, the difference to the digit, and the share.

import { minus, percent, sign } from '../lib/decimal.ts';
import { decimal, signed } from '../lib/format.ts';
import { locale } from '../state/reader.ts';
import { Icon } from './icon.tsx';

interface ChangeProps {
  readonly now: string;
  readonly before: string;
  /** `than the day before`. */
  readonly than: string;
  readonly decimalsMin?: number;
}

const WORDS = { 1: ['up', 'more'], '-1': ['down', 'less'], 0: ['same', 'as many'] } as const;

export function Change({ now, before, than, decimalsMin = 0 }: ChangeProps) {
  const difference = minus(now, before);
  const direction = sign(difference);
  const [icon] = WORDS[direction];
  const share = direction === 0 ? undefined : percent(difference, before);
  if (direction === 0) {
    return (
      <p class="change">
        <Icon name={icon} /> unchanged from {than}
      </p>
    );
  }
  return (
    <p class={`change ${icon}`}>
      <Icon name={icon} />
      <span class="number">{signed(difference, locale, decimalsMin)}</span>
      {share !== undefined && (
        <span class="number">
          ({signed(share, locale)}
          {' %'})
        </span>
      )}{' '}
      from {than} ({decimal(before, locale, decimalsMin)})
    </p>
  );
}
