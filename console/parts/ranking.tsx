// A ranked list as a table whose amounts have bars behind them: the numbers are the point, the bars help.
import { share } from '../lib/decimal.ts';

export interface RankedRow {
  readonly id: string;
  readonly amount: string;
  readonly shownAmount: string;
  readonly shownCount: string;
}

interface RankingProps {
  readonly caption: string;
  readonly columns: readonly [id: string, amount: string, count: string];
  readonly rows: readonly RankedRow[];
}

export function Ranking({ caption, columns, rows }: RankingProps) {
  const [id, amount, count] = columns;
  const largest = rows[0]?.amount ?? '0';
  return (
    <table class="ranking">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="rank">
            Rank
          </th>
          <th scope="col">{id}</th>
          <th scope="col" class="bar-cell">
            {amount}
          </th>
          <th scope="col" class="end">
            {count}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={row.id}>
            <td class="rank number">{index + 1}</td>
            <th scope="row" class="number">
              {row.id}
            </th>
            <td class="bar-cell">
              <span class="bar" style={{ inlineSize: `${share(row.amount, largest) * 100}%` }} />
              <span class="number">{row.shownAmount}</span>
            </td>
            <td class="end number">{row.shownCount}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
