// Years, months, days, as far as there is a choice; the way back up stands before them.
import type { DayStats } from '../../api/outcomes.ts';
import { type Filters, withFilter } from '../../lib/filters.ts';
import { day as dayText } from '../../lib/format.ts';
import type { OutcomesRoute } from '../../lib/route.ts';
import { choicesIn, type Span, spanOf, spansAround } from '../../lib/utc-day.ts';
import { Link } from '../../parts/link.tsx';
import { locale } from '../../state/reader.ts';

interface DateHierarchyProps {
  readonly route: OutcomesRoute;
  readonly days: readonly DayStats[] | undefined;
}

export function DateHierarchy({ route, days = [] }: DateHierarchyProps) {
  const { timestamp_after: first, timestamp_before: last } = route.filters;
  const span = spanOf(first, last);
  const hasRange = first !== undefined || last !== undefined;
  const choices = choicesIn(days.map(({ date }) => date)).filter(({ name }) => name !== span?.name);
  const to = (target: Span | undefined): OutcomesRoute => ({
    ...route,
    filters: within(route.filters, target),
    cursor: '',
  });
  return (
    <nav class="dates" aria-label="Dates">
      <span class="dates-path">
        {hasRange ? <Link to={to(undefined)}>All dates</Link> : <b>All dates</b>}
        {span &&
          spansAround(span).map((outer) => (
            <Link key={outer.name} to={to(outer)}>
              {words(outer)}
            </Link>
          ))}
        {span && <b>{words(span)}</b>}
      </span>
      <span class="dates-choices">
        {choices.map((choice) => (
          <Link key={choice.name} to={to(choice)} class="number">
            {words(choice)}
          </Link>
        ))}
      </span>
    </nav>
  );
}

export function within(filters: Filters, span: Span | undefined): Filters {
  const from = withFilter(filters, 'timestamp_after', span?.first);
  return withFilter(from, 'timestamp_before', span?.last);
}

function words({ level, name, first }: Span): string {
  if (level === 'year') return name;
  return dayText(first, locale, level === 'month' ? 'month' : 'short');
}
