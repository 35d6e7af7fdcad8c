// A page of outcomes. Pages go by cursor: as cheap far down as at the top, and nothing shifts meanwhile.
import type { Outcome, OutcomesPage } from '../../api/outcomes.ts';
import { hasFilter, type Ordering } from '../../lib/filters.ts';
import { clockTime, day as dayText, decimal, scaleOf } from '../../lib/format.ts';
import { ALL_OUTCOMES, type OutcomesRoute, PAGE_SIZES } from '../../lib/route.ts';
import { dayOf } from '../../lib/utc-day.ts';
import { Choice } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { Empty } from '../../parts/notice.tsx';
import { useDrawn } from '../../state/drawn.ts';
import { locale } from '../../state/reader.ts';

interface RowsProps {
  readonly route: OutcomesRoute;
  readonly page: OutcomesPage;
  readonly isOlder: boolean;
  readonly total: string | undefined;
}

export function Rows({ route, page, total }: RowsProps) {
  const { rows, next, previous } = page;
  const drawn = useDrawn(rows.length);
  const scales = {
    win: scaleOf(rows.map((row) => row.win_price)),
    bid: scaleOf(rows.map((row) => row.bid_price)),
  };
  return (
    <section class="panel" aria-labelledby="rows">
      <div class="panel-head">
        <h2 id="rows">Records</h2>
        <Pager name="Pages, above" {...{ route, next, previous }} />
      </div>
      {rows.length === 0 ? (
        <Nothing route={route} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="scroll-box" tabIndex={0} aria-label="Table of outcomes">
          <table class="rows">
            <Head route={route} />
            <tbody>
              {rows.slice(0, drawn).map((row) => (
                <Row key={row.id} {...{ row, route, scales }} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {rows.length > 0 && (
        <div class="panel-foot">
          <p class="soft">
            {rows.length} rows on this page
            {total !== undefined && ` of ${decimal(total, locale)} that match`}
          </p>
          <Choice
            name="Rows a page"
            options={PAGE_SIZES.map((size) => ({
              words: decimal(size, locale),
              to: { ...route, size },
              isChosen: size === route.size,
            }))}
          />
          <Pager name="Pages, below" {...{ route, next, previous }} />
        </div>
      )}
    </section>
  );
}

function Nothing({ route }: { readonly route: OutcomesRoute }) {
  if (!hasFilter(route.filters)) {
    return <Empty>No outcome has been recorded yet. They appear here as soon as they are.</Empty>;
  }
  return (
    <Empty>
      <p>No outcome matches these filters. Text must match whole and exactly.</p>
      <Link to={{ ...ALL_OUTCOMES, ordering: route.ordering, size: route.size }}>
        Clear filters
      </Link>
    </Empty>
  );
}

interface PagerProps extends Pick<OutcomesPage, 'next' | 'previous'> {
  readonly name: string;
  readonly route: OutcomesRoute;
}

function Pager({ name, route, next, previous }: PagerProps) {
  if (!next && !previous && route.cursor === '') return null;
  const step = (cursor: string | undefined, words: string, icon: 'back' | 'forward') =>
    cursor === undefined ? (
      <span class="button disabled">{words}</span>
    ) : (
      <Link to={{ ...route, cursor }} class="button">
        <Icon name={icon} />
        {words}
      </Link>
    );
  return (
    <nav class="pager" aria-label={name}>
      {route.cursor !== '' && <Link to={{ ...route, cursor: '' }}>First page</Link>}
      {step(previous, 'Previous', 'back')}
      {step(next, 'Next', 'forward')}
    </nav>
  );
}

function Head({ route }: { readonly route: OutcomesRoute }) {
  return (
    <thead>
      <tr>
        <SortHead field="timestamp" {...{ route }}>
          Time (UTC)
        </SortHead>
        <th scope="col">Result</th>
        <SortHead field="win_price" isEnd {...{ route }}>
          Win price
        </SortHead>
        <th scope="col" class="end">
          Bid price
        </th>
        <th scope="col">Currency</th>
        <th scope="col">Site</th>
        <th scope="col">User</th>
        <th scope="col">Bid</th>
        <th scope="col">Enriched</th>
      </tr>
    </thead>
  );
}

interface SortHeadProps {
  readonly route: OutcomesRoute;
  readonly field: 'timestamp' | 'win_price';
  readonly isEnd?: boolean;
  readonly children: string;
}

function SortHead({ route, field, isEnd, children }: SortHeadProps) {
  const isUp = route.ordering === field;
  const isDown = route.ordering === `-${field}`;
  const ordering: Ordering = isDown ? field : `-${field}`;
  return (
    <th
      scope="col"
      class={isEnd ? 'end' : ''}
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}
    >
      <Link to={{ ...route, ordering, cursor: '' }} class="sort">
        {children}
        {(isUp || isDown) && <Icon name={isUp ? 'up' : 'down'} />}
      </Link>
    </th>
  );
}

interface RowProps {
  readonly row: Outcome;
  readonly route: OutcomesRoute;
  /** Decimals of the two prices on this page. */
  readonly scales: Readonly<Record<'win' | 'bid', number>>;
}

function Row({ row, route, scales }: RowProps) {
  const day = dayOf(row.timestamp);
  return (
    <tr>
      <th scope="row" class="number">
        <Link to={{ view: 'outcome', id: row.id, from: route }}>
          {dayText(day, locale)} {clockTime(row.timestamp)}
        </Link>
      </th>
      <td>
        <span class={row.win_status ? 'tag good' : 'tag'}>{row.win_status ? 'Won' : 'Lost'}</span>
      </td>
      <td class="end number">{decimal(row.win_price, locale, scales.win)}</td>
      <td class="end number">{decimal(row.bid_price, locale, scales.bid)}</td>
      <td>{row.currency}</td>
      <td class="long">{row.site_domain}</td>
      <td class="long">{row.user_id}</td>
      <td class="long">
        <code>{row.bid_id}</code>
      </td>
      <td>{row.enriched ? 'yes' : 'no'}</td>
    </tr>
  );
}
