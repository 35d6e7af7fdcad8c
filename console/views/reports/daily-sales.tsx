// Revenue and orders by day. A day without orders is not in the report: here it stands, with zero.
import type { DayFigures } from '../../api/reports.ts';
import { plus } from '../../lib/decimal.ts';
import { compact, day as dayText, decimal, money } from '../../lib/format.ts';
import { PERIODS, type Period, type ReportsRoute } from '../../lib/route.ts';
import { addDays, daysBetween, daysFrom, isDay } from '../../lib/utc-day.ts';
import { Choice } from '../../parts/choice.tsx';
import { DayPlot, type DayPoint } from '../../parts/day-plot.tsx';
import { Empty } from '../../parts/notice.tsx';
import { locale } from '../../state/reader.ts';

/** A stray date of long ago would make a plot of nothing but its distance. */
const DAYS_MAX = 4000;
/** Fewer make no picture; before the first order there were none. */
const DAYS_MIN = 14;

type Days = readonly (readonly [string, DayFigures])[];

interface DailySalesProps {
  readonly route: ReportsRoute;
  readonly days: Days;
  /** Of the run. */
  readonly today: string;
}

export function DailySales({ route, days, today }: DailySalesProps) {
  const shown = shownDays(days, today, route.period);
  const figures = new Map(days);
  const points = (member: keyof DayFigures, words: (text: string) => string) =>
    shown.map((day): DayPoint => {
      const text = figures.get(day)?.[member];
      return { day, value: Number(text ?? 0), text: text ? words(text) : 'no orders' };
    });
  const empty = shown.filter((day) => !figures.has(day)).length;
  return (
    <section class="panel" aria-labelledby="daily-sales">
      <div class="panel-head">
        <h2 id="daily-sales">Revenue and orders by day</h2>
        <Choice
          name="Period"
          options={PERIODS.map((period) => ({
            words: period === 'all' ? 'all' : `${period} days`,
            to: { ...route, period },
            isChosen: route.period === period,
          }))}
        />
      </div>
      {days.length === 0 ? (
        <Empty>There is no order yet.</Empty>
      ) : (
        <>
          <div class="plots">
            <DayPlot
              name="Revenue"
              kind="bars"
              points={points('total_amount', (text) => money(text, locale))}
              axis={(value) => compact(value, locale)}
            />
            <DayPlot
              name="Orders"
              kind="bars"
              points={points('order_count', (text) => decimal(text, locale))}
              axis={(value) => compact(value, locale)}
            />
          </div>
          <p class="soft">
            {shown.length} {shown.length === 1 ? 'day' : 'days'} of UTC, {empty} of them without
            orders.
          </p>
        </>
      )}
      <Unplaced days={days} first={shown[0]} last={shown.at(-1)} period={route.period} />
    </section>
  );
}

/** From the first day of the period to the day of the run, or to what lies after it. */
function shownDays(days: Days, today: string, period: Period): string[] {
  const known = days.map(([day]) => day).filter(isDay);
  const [oldest, newest] = [known[0] ?? today, known.at(-1) ?? today];
  const last = newest > today && daysBetween(today, newest) < DAYS_MAX ? newest : today;
  const length = period === 'all' ? DAYS_MAX : Number(period);
  const first = addDays(last, 1 - length);
  const latest = addDays(last, 1 - DAYS_MIN);
  const begin = oldest < latest ? oldest : latest;
  return daysFrom(begin > first ? begin : first, last);
}

interface UnplacedProps {
  readonly days: Days;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly period: Period;
}

/** What no plot shows: orders without a date, or far away from the others. */
function Unplaced({ days, first = '', last = '', period }: UnplacedProps) {
  const isShown = (day: string) => isDay(day) && day <= last && (day >= first || period !== 'all');
  const others = days.filter(([day]) => !isShown(day));
  if (others.length === 0) return null;
  const amount = others.reduce((sum, [, figures]) => plus(sum, figures.total_amount), '0');
  const orders = others.reduce((sum, [, figures]) => plus(sum, figures.order_count), '0');
  return (
    <details>
      <summary>
        {decimal(orders, locale)} orders of {money(amount, locale)} have no day or one far from the
        others
      </summary>
      <ul>
        {others.slice(0, 100).map(([day, figures]) => (
          <li key={day} class="number">
            {isDay(day) ? dayText(day, locale) : day}: {money(figures.total_amount, locale)},{' '}
            {decimal(figures.order_count, locale)} orders
          </li>
        ))}
      </ul>
    </details>
  );
}
