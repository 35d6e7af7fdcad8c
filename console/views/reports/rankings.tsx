// The best customers and products, in the report's own order.

import type { Documents } from '../../api/reports.ts';
import { decimal, money } from '../../lib/format.ts';
import type { Ranking as RankingName, ReportsRoute } from '../../lib/route.ts';
import { Link } from '../../parts/link.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type RankedRow, Ranking } from '../../parts/ranking.tsx';
import { locale } from '../../state/reader.ts';

const FIRST = 10;

interface ListProps<K extends keyof Documents> {
  readonly route: ReportsRoute;
  readonly rows: Documents[K]['data'];
}

export function TopCustomers({ route, rows }: ListProps<'customer_metrics'>) {
  const ranked = rows.map(([id, { total_spent, order_count }]) => ({
    id,
    amount: total_spent,
    shownAmount: money(total_spent, locale),
    shownCount: decimal(order_count, locale),
  }));
  const columns = ['Customer', 'Total spent', 'Orders'] as const;
  return <Top name="customers" title="Best customers" {...{ route, ranked, columns }} />;
}

export function TopProducts({ route, rows }: ListProps<'product_sales'>) {
  const ranked = rows.map(([id, { total_revenue, quantity_sold }]) => ({
    id,
    amount: total_revenue,
    shownAmount: money(total_revenue, locale),
    shownCount: decimal(quantity_sold, locale),
  }));
  const columns = ['Product', 'Revenue', 'Sold'] as const;
  return <Top name="products" title="Best products" {...{ route, ranked, columns }} />;
}

interface TopProps {
  readonly route: ReportsRoute;
  readonly name: RankingName;
  readonly title: string;
  readonly ranked: readonly RankedRow[];
  readonly columns: readonly [string, string, string];
}

function Top({ route, name, title, ranked, columns }: TopProps) {
  const isWhole = route.whole.includes(name);
  const others = route.whole.filter((one) => one !== name);
  const whole = isWhole ? others : [...others, name];
  return (
    <section class="panel" aria-labelledby={name}>
      <div class="panel-head">
        <h2 id={name}>{title}</h2>
        {ranked.length > FIRST && (
          <Link to={{ ...route, whole }}>
            {isWhole ? `Only the first ${FIRST}` : `All ${ranked.length} ${name}`}
          </Link>
        )}
      </div>
      {ranked.length === 0 ? (
        <Empty>There are none yet.</Empty>
      ) : (
        <Ranking
          caption={`${title} by ${columns[1].toLowerCase()}`}
          columns={columns}
          rows={isWhole ? ranked : ranked.slice(0, FIRST)}
        />
      )}
    </section>
  );
}
