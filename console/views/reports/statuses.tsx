// How many orders are in which status.
import type { Summary } from '../../api/reports.ts';
import { minus, percent, plus, share } from '../../lib/decimal.ts';
import { decimal, signed } from '../../lib/format.ts';
import { Empty } from '../../parts/notice.tsx';
import { locale } from '../../state/reader.ts';

type Rows = Summary['order_status_breakdown'];

interface StatusesProps {
  readonly rows: Rows;
  readonly earlier: Summary | undefined;
}

export function Statuses({ rows, earlier }: StatusesProps) {
  const all = rows.reduce((sum, [, count]) => plus(sum, count), '0');
  const before = earlier && new Map(earlier.order_status_breakdown);
  return (
    <section class="panel" aria-labelledby="statuses">
      <div class="panel-head">
        <h2 id="statuses">Orders by status</h2>
      </div>
      {rows.length === 0 ? (
        <Empty>There is no order yet.</Empty>
      ) : (
        <table class="ranking">
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col" class="bar-cell">
                Orders
              </th>
              <th scope="col" class="end">
                Share
              </th>
              {before && (
                <th scope="col" class="end">
                  Change
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(([status, count]) => (
              <tr key={status}>
                <th scope="row">{status || '(empty)'}</th>
                <td class="bar-cell">
                  <span class="bar" style={{ inlineSize: `${share(count, all) * 100}%` }} />
                  <span class="number">{decimal(count, locale)}</span>
                </td>
                <td class="end number">{decimal(percent(count, all) ?? '0', locale)} %</td>
                {before && (
                  <td class="end number">
                    {signed(minus(count, before.get(status) ?? '0'), locale)}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
