// Volume, win rate and revenue by day; a day in a plot leads to its outcomes.
import type { DayStats, StatsAnswer } from '../../api/outcomes.ts';
import { percent } from '../../lib/decimal.ts';
import { compact, decimal, money } from '../../lib/format.ts';
import type { OutcomesRoute } from '../../lib/route.ts';
import { addDays, daysFrom, isDay, spanNamed } from '../../lib/utc-day.ts';
import { Choice } from '../../parts/choice.tsx';
import { DayPlot, type DayPoint } from '../../parts/day-plot.tsx';
import { go } from '../../state/location.ts';
import { locale } from '../../state/reader.ts';
import { within } from './date-hierarchy.tsx';

const DAYS_MAX = 1000;

interface PlotsProps {
  readonly route: OutcomesRoute;
  /** Newest first. */
  readonly days: readonly DayStats[];
  readonly stats: StatsAnswer | undefined;
}

export function Plots({ route, days, stats }: PlotsProps) {
  const shown = shownDays(days.map(({ date }) => date).filter(isDay));
  if (shown.length === 0) return null;
  const byDay = new Map(days.map((one) => [one.date, one]));
  const currencies = currenciesOf(days, stats);
  const currency = currencies.find((one) => one === route.money) ?? currencies[0];
  const pick = (day: string) =>
    go({ ...route, filters: within(route.filters, spanNamed(day)), cursor: '' });
  const points = (toPoint: (one: DayStats | undefined) => Omit<DayPoint, 'day'>) =>
    shown.map((day) => ({ day, ...toPoint(byDay.get(day)) }));
  return (
    <section class="panel" aria-labelledby="plots">
      <div class="panel-head">
        <h2 id="plots">By day</h2>
        {currencies.length > 1 && (
          <Choice
            name="Currency of the revenue"
            options={currencies.map((one) => ({
              words: one,
              to: { ...route, money: one },
              isChosen: one === currency,
            }))}
          />
        )}
      </div>
      <div class="plots">
        <DayPlot
          name="Outcomes"
          legend="won: dark"
          kind="bars"
          points={points(volume)}
          axis={(value) => compact(value, locale)}
          onPick={pick}
        />
        <DayPlot
          name="Win rate"
          kind="line"
          top={100}
          points={points(winRate)}
          axis={(value) => `${value} %`}
          onPick={pick}
        />
        <DayPlot
          name={`Revenue${currency ? ` in ${currency}` : ''}`}
          kind="bars"
          points={points((one) => revenue(one, currency))}
          axis={(value) => compact(value, locale)}
          onPick={pick}
        />
      </div>
      {days.length > shown.length && (
        <p class="soft">The plots show the newest {shown.length} days.</p>
      )}
    </section>
  );
}

/** Every day from the first to the last, the newest if there are very many. */
function shownDays(days: readonly string[]): string[] {
  const [last] = days;
  const first = days.at(-1);
  if (!first || !last) return [];
  const earliest = addDays(last, 1 - DAYS_MAX);
  return daysFrom(first > earliest ? first : earliest, last);
}

function volume(one: DayStats | undefined): Omit<DayPoint, 'day'> {
  const [total, wins] = [one?.total ?? 0, one?.wins ?? 0];
  const text = `${decimal(String(total), locale)}, ${decimal(String(wins), locale)} won`;
  return { value: total, part: wins, text: total === 0 ? 'none' : text };
}

function winRate(one: DayStats | undefined): Omit<DayPoint, 'day'> {
  const rate = one && percent(String(one.wins), String(one.total));
  if (!rate) return { value: null, text: 'no outcomes' };
  return { value: Number(rate), text: `${decimal(rate, locale)} %` };
}

function revenue(one: DayStats | undefined, currency: string | undefined) {
  const amount = one?.by_currency.find((row) => row.currency === currency)?.revenue ?? null;
  return { value: Number(amount ?? 0), text: amount === null ? 'none' : money(amount, locale) };
}

/** The one with the most outcomes first. */
function currenciesOf(days: readonly DayStats[], stats: StatsAnswer | undefined): string[] {
  const known = stats?.by_currency.toSorted(
    (a, b) => Number(b.total_outcomes) - Number(a.total_outcomes),
  );
  const names = known ?? days.flatMap((one) => one.by_currency);
  return [...new Set(names.map(({ currency }) => currency))];
}
