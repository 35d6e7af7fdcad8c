// For the analyst: what sold. All five reports are of one run.

import { ApiFailure } from '../api/client.ts';
import { readReport, readSummary, type SummaryDocument } from '../api/reports.ts';
import type { ReportsRoute } from '../lib/route.ts';
import { Empty, Loaded } from '../parts/notice.tsx';
import { useResource } from '../state/resource.ts';
import { DailySales } from './reports/daily-sales.tsx';
import { Downloads } from './reports/downloads.tsx';
import { useEarlier } from './reports/earlier.ts';
import { type Best, Headline } from './reports/headline.tsx';
import { TopCustomers, TopProducts } from './reports/rankings.tsx';
import { RunHeading, Runs } from './reports/runs.tsx';
import { Statuses } from './reports/statuses.tsx';

const NEWEST_EVERY_MS = 30_000;
/** The next run takes the place of this one without a gap. */
const KEPT = { keepsOlder: true };

export function ReportsView({ route }: { readonly route: ReportsRoute }) {
  const { at } = route;
  const every = at === undefined ? NEWEST_EVERY_MS : undefined;
  const summary = useResource(`summary ${at}`, (signal) => readSummary(at, signal), {
    everyMs: every,
  });
  const hasNone = summary.failure instanceof ApiFailure && summary.failure.status === 404;
  return (
    <>
      <RunHeading route={route} generatedAt={summary.value?.generated_at} />
      {route.runs && <Runs route={route} />}
      {hasNone && summary.value === undefined ? (
        <NoRun isNewest={at === undefined} />
      ) : (
        <Loaded of={summary} what="summary">
          {(document) => <Run route={route} summary={document} />}
        </Loaded>
      )}
    </>
  );
}

function NoRun({ isNewest }: { readonly isNewest: boolean }) {
  return (
    <Empty>
      <h2>{isNewest ? 'No report has been written yet' : 'There is no such run'}</h2>
      <p>
        {isNewest
          ? 'The first run writes all five. With npm start it comes after ten seconds; this page looks again by itself.'
          : 'It may have been removed after its time. Choose another under “Earlier runs”.'}
      </p>
    </Empty>
  );
}

function bestOf<T>(
  rows: readonly (readonly [string, T])[] | undefined,
  amountOf: (row: T) => string,
): Best | undefined {
  const [first] = rows ?? [];
  return first && { id: first[0], amount: amountOf(first[1]) };
}

interface RunProps {
  readonly route: ReportsRoute;
  readonly summary: SummaryDocument;
}

/** The other documents by the run's own time, so that all are of one moment. */
function Run({ route, summary }: RunProps) {
  const at = summary.generated_at;
  const days = useResource(`daily_sales ${at}`, (s) => readReport('daily_sales', at, s), KEPT);
  const products = useResource(
    `product_sales ${at}`,
    (s) => readReport('product_sales', at, s),
    KEPT,
  );
  const customers = useResource(
    `customer_metrics ${at}`,
    (s) => readReport('customer_metrics', at, s),
    KEPT,
  );
  const earlier = useEarlier(at, route.against);
  return (
    <>
      <Loaded of={days} what="daily sales">
        {({ data }) => (
          <>
            <Headline
              {...{ route, summary, earlier }}
              days={data}
              customer={bestOf(customers.value?.data, ({ total_spent }) => total_spent)}
              product={bestOf(products.value?.data, ({ total_revenue }) => total_revenue)}
            />
            <DailySales route={route} days={data} today={at.slice(0, 10)} />
          </>
        )}
      </Loaded>
      <div class="columns">
        <Loaded of={customers} what="customer metrics">
          {({ data }) => <TopCustomers route={route} rows={data} />}
        </Loaded>
        <Loaded of={products} what="product sales">
          {({ data }) => <TopProducts route={route} rows={data} />}
        </Loaded>
      </div>
      <div class="columns">
        <Statuses rows={summary.metrics.order_status_breakdown} earlier={earlier.value?.metrics} />
        <Downloads at={at} />
      </div>
    </>
  );
}
