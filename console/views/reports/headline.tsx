// What one asks first: yesterday, today, everything; each beside what it was earlier.
import type { ComponentChildren } from 'preact';
import type { DayFigures, SummaryDocument } from '../../api/reports.ts';
import { day as dayText, decimal, instant, money } from '../../lib/format.ts';
import { COMPARISONS, type Comparison, type ReportsRoute } from '../../lib/route.ts';
import { addDays } from '../../lib/utc-day.ts';
import { Change } from '../../parts/change.tsx';
import { Choice } from '../../parts/choice.tsx';
import { FigureCard } from '../../parts/figure-card.tsx';
import { locale } from '../../state/reader.ts';
import type { Resource } from '../../state/resource.ts';

type Days = readonly (readonly [string, DayFigures])[];

export interface Best {
  readonly id: string;
  readonly amount: string;
}

interface HeadlineProps {
  readonly route: ReportsRoute;
  readonly summary: SummaryDocument;
  readonly earlier: Resource<SummaryDocument | undefined>;
  readonly days: Days;
  readonly customer: Best | undefined;
  readonly product: Best | undefined;
}

const NO_ORDERS: DayFigures = { total_amount: '0', order_count: '0' };

export function Headline({ route, summary, earlier, days, ...best }: HeadlineProps) {
  const { customer, product } = best;
  const today = summary.generated_at.slice(0, 10);
  const figures = new Map(days);
  const on = (day: string) => figures.get(day) ?? NO_ORDERS;
  const yesterday = addDays(today, -1);
  return (
    <section aria-labelledby="headline">
      <h2 id="headline" class="unseen">
        At a glance
      </h2>
      <div class="cards">
        <DayCard name="Revenue yesterday" day={yesterday} figures={on(yesterday)}>
          <Change
            now={on(yesterday).total_amount}
            before={on(addDays(today, -2)).total_amount}
            than="the day before"
            decimalsMin={2}
          />
        </DayCard>
        <DayCard name="Revenue today" day={today} figures={on(today)} />
        <TotalCard name="Revenue in all" member="total_revenue" {...{ summary, earlier }} />
        <TotalCard name="Orders in all" member="total_orders" {...{ summary, earlier }} />
        <TotalCard
          name="Customers"
          member="unique_customers"
          {...{ summary, earlier }}
          best={customer}
        />
        <TotalCard
          name="Products sold"
          member="unique_products_sold"
          {...{ summary, earlier }}
          best={product}
        />
      </div>
      <Against route={route} earlier={earlier} />
    </section>
  );
}

interface DayCardProps {
  readonly name: string;
  readonly day: string;
  readonly figures: DayFigures;
  readonly children?: ComponentChildren;
}

function DayCard({ name, day, figures, children }: DayCardProps) {
  const { total_amount: amount, order_count: count } = figures;
  return (
    <FigureCard name={name} value={money(amount, locale)}>
      <p class="under">
        {dayText(day, locale, 'weekday')},{' '}
        {count === '0'
          ? 'no orders'
          : `${decimal(count, locale)} ${count === '1' ? 'order' : 'orders'}`}
      </p>
      {children}
    </FigureCard>
  );
}

type Total = 'total_revenue' | 'total_orders' | 'unique_customers' | 'unique_products_sold';

interface TotalCardProps extends Pick<HeadlineProps, 'summary' | 'earlier'> {
  readonly name: string;
  readonly member: Total;
  readonly best?: Best | undefined;
}

function TotalCard({ name, member, summary, earlier, best }: TotalCardProps) {
  const decimals = member === 'total_revenue' ? 2 : 0;
  const now = summary.metrics[member];
  const before = earlier.value?.metrics[member];
  return (
    <FigureCard name={name} value={decimal(now, locale, decimals)}>
      {best && (
        <p class="under">
          best: <b class="number">{best.id}</b> with{' '}
          <span class="number">{money(best.amount, locale)}</span>
        </p>
      )}
      {before !== undefined && (
        <Change {...{ now, before }} than="the earlier run" decimalsMin={decimals} />
      )}
    </FigureCard>
  );
}

const WORDS: Readonly<Record<Comparison, string>> = {
  '1': 'a day',
  '7': '7 days',
  '30': '30 days',
  run: 'the run before',
  none: 'nothing',
};

function Against({ route, earlier }: Pick<HeadlineProps, 'route' | 'earlier'>) {
  const { value, failure, isLoading } = earlier;
  const said = failure
    ? `The earlier run cannot be read: ${failure.message}`
    : value
      ? `The earlier run is of ${instant(value.generated_at, locale)} UTC.`
      : isLoading
        ? 'Looking for the earlier run…'
        : 'There is no run that early.';
  return (
    <div class="line">
      <span>Compared with the run earlier by</span>
      <Choice
        name="Compare with"
        options={COMPARISONS.map((against) => ({
          words: WORDS[against],
          to: { ...route, against },
          isChosen: route.against === against,
        }))}
      />
      <span role="status" class="soft">
        {route.against === 'none' ? '' : said}
      </span>
    </div>
  );
}
