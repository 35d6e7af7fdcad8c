// What the filters leave, in numbers. Money of several currencies is never one sum.
import type { Stats, StatsAnswer } from '../../api/outcomes.ts';
import { percent } from '../../lib/decimal.ts';
import { decimal, rounded, scaleOf } from '../../lib/format.ts';
import { FigureCard } from '../../parts/figure-card.tsx';
import { Failure } from '../../parts/notice.tsx';
import { locale } from '../../state/reader.ts';
import type { Resource } from '../../state/resource.ts';

interface FiguresProps {
  readonly stats: Resource<StatsAnswer>;
  /** The API reads rows for these filters. */
  readonly isSlow: boolean;
}

export function Figures({ stats: { value, failure, reload }, isSlow }: FiguresProps) {
  if (failure && !value) return <Failure failure={failure} what="figures" onRetry={reload} />;
  const counting = isSlow ? 'counting rows…' : 'counting…';
  const count = (text: string | undefined) =>
    text === undefined ? counting : decimal(text, locale);
  const enriched = value && percent(value.enriched_count, value.total_outcomes);
  return (
    <section aria-label="Figures" aria-busy={value === undefined}>
      <div class="cards">
        <FigureCard name="Outcomes" value={count(value?.total_outcomes)}>
          <p class="under">exact, not estimated</p>
        </FigureCard>
        <FigureCard name="Won" value={count(value?.total_wins)}>
          <p class="under">
            {value &&
              value.total_outcomes !== '0' &&
              `win rate ${decimal(value.win_rate, locale)} %`}
          </p>
        </FigureCard>
        <FigureCard name="Enriched" value={count(value?.enriched_count)}>
          <p class="under">{enriched && `${decimal(enriched, locale)} %`}</p>
        </FigureCard>
      </div>
      {value && value.by_currency.length > 0 && <Currencies rows={value.by_currency} />}
    </section>
  );
}

function Currencies({ rows }: { readonly rows: StatsAnswer['by_currency'] }) {
  const scale = scaleOf(
    rows.map((row) => row.total_revenue),
    2,
  );
  const cells: readonly (readonly [string, (row: Stats) => string])[] = [
    ['Revenue', (row) => decimal(row.total_revenue, locale, scale)],
    ['Won', (row) => decimal(row.total_wins, locale)],
    ['Outcomes', (row) => decimal(row.total_outcomes, locale)],
    ['Win rate', (row) => `${decimal(row.win_rate, locale)} %`],
    ['Average win', (row) => rounded(row.average_win_price, locale)],
    ['Average bid', (row) => rounded(row.average_bid_price, locale)],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section class="panel scroll-box" tabIndex={0} aria-label="By currency">
      <table class="currencies">
        <thead>
          <tr>
            <th scope="col">Currency</th>
            {cells.map(([name]) => (
              <th key={name} scope="col" class="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.currency}>
              <th scope="row">{row.currency || '(none)'}</th>
              {cells.map(([name, text]) => (
                <td key={name} class="end number">
                  {text(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
