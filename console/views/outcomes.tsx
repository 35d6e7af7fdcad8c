// For the trader: what was won, at which price. Figures, plots and rows follow the same filters.
import { ApiFailure } from '../api/client.ts';
import { readDays, readOutcomes, readStats } from '../api/outcomes.ts';
import { needsRows } from '../lib/filters.ts';
import { ALL_OUTCOMES, formatRoute, type OutcomesRoute } from '../lib/route.ts';
import { Link } from '../parts/link.tsx';
import { Loaded, Loading } from '../parts/notice.tsx';
import { useResource } from '../state/resource.ts';
import { DateHierarchy } from './outcomes/date-hierarchy.tsx';
import { DeleteMatching } from './outcomes/deletion.tsx';
import { Exports } from './outcomes/exports.tsx';
import { Figures } from './outcomes/figures.tsx';
import { FilterForm } from './outcomes/filter-form.tsx';
import { Plots } from './outcomes/plots.tsx';
import { Rows } from './outcomes/rows.tsx';

const AT_FIRST_PAGE_EVERY_MS = 10_000;

/** Holds the place of the plots, so that the rows do not jump when they come. */
function PlotsToCome() {
  return (
    <section class="panel to-come" aria-label="By day">
      <Loading what="figures by day" />
    </section>
  );
}

export function OutcomesView({ route }: { readonly route: OutcomesRoute }) {
  const { filters, ordering, size, cursor } = route;
  const { money: _, ...asked } = route;
  const filterKey = formatRoute({ ...ALL_OUTCOMES, filters });
  const isNewest =
    cursor === '' && size === ALL_OUTCOMES.size && ordering === '-timestamp' && !needsRows(filters);
  const every = { everyMs: isNewest ? AT_FIRST_PAGE_EVERY_MS : undefined };
  const page = useResource(
    formatRoute(asked),
    (signal) => readOutcomes({ filters, ordering, cursor }, size, signal),
    every,
  );
  // The rows first: with some filters the figures take a while.
  const areRowsThere = page.value !== undefined || page.failure !== undefined;
  const key = (name: string) => (areRowsThere ? `${name} ${filterKey}` : undefined);
  const stats = useResource(key('stats'), (signal) => readStats(filters, signal), every);
  const days = useResource(key('days'), (signal) => readDays(filters, signal), every);
  const fields = [page, stats, days].flatMap(({ failure }) =>
    failure instanceof ApiFailure ? [failure.fields] : [],
  );
  return (
    <>
      <header class="view-head">
        <h1 tabIndex={-1}>Outcomes</h1>
        <p>Auction outcomes, {ordering === '-timestamp' ? 'newest first' : 'as ordered'}</p>
      </header>
      <FilterForm
        route={route}
        errors={fields[0] ?? {}}
        currencies={stats.value?.by_currency.map(({ currency }) => currency) ?? []}
      />
      <DateHierarchy route={route} days={days.value} />
      <Figures stats={stats} isSlow={needsRows(filters)} />
      {days.value === undefined && !days.failure && <PlotsToCome />}
      <Loaded of={days} what="figures by day" isQuiet>
        {(value) => <Plots route={route} days={value} stats={stats.value} />}
      </Loaded>
      <Loaded of={page} what="outcomes">
        {(value) => (
          <Rows
            route={route}
            page={value}
            isOlder={page.isLoading}
            total={stats.value?.total_outcomes}
          />
        )}
      </Loaded>
      {page.failure && cursor !== '' && (
        <p>
          <Link to={{ ...route, cursor: '' }}>First page</Link>
        </p>
      )}
      <section class="panel" aria-labelledby="take">
        <div class="panel-head">
          <h2 id="take">Export what is filtered</h2>
        </div>
        <Exports route={route} />
        <DeleteMatching
          filters={filters}
          count={stats.value?.total_outcomes}
          onDeleted={() => {
            for (const one of [page, stats, days]) one.reload();
          }}
        />
      </section>
    </>
  );
}
