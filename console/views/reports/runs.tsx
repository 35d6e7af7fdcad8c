// Which run is shown, and the way to all others.
import { readRuns } from '../../api/reports.ts';
import { ago, bytes, instant } from '../../lib/format.ts';
import { HOME, type ReportsRoute } from '../../lib/route.ts';
import { Link } from '../../parts/link.tsx';
import { Empty, Loaded } from '../../parts/notice.tsx';
import { nowMs } from '../../state/clock.ts';
import { go } from '../../state/location.ts';
import { locale } from '../../state/reader.ts';
import { useResource } from '../../state/resource.ts';

interface RunHeadingProps {
  readonly route: ReportsRoute;
  readonly generatedAt: string | undefined;
}

export function RunHeading({ route, generatedAt }: RunHeadingProps) {
  const { runs: _, ...closed } = route;
  const { at: __, ...newest } = closed;
  const isOld = route.at !== undefined;
  const ageS = generatedAt ? (nowMs.value - Date.parse(`${generatedAt}Z`)) / 1000 : 0;
  return (
    <header class="view-head">
      <h1 tabIndex={-1}>Reports</h1>
      <p>
        {generatedAt && (
          <>
            {isOld ? 'Earlier run of ' : 'Newest run: '}
            <b class="number">{instant(generatedAt, locale)} UTC</b>, {ago(ageS, locale)}
          </>
        )}
      </p>
      <span class="actions">
        {isOld && <Link to={newest}>To the newest run</Link>}
        <Link to={route.runs ? closed : { ...route, runs: {} }} class="button">
          {route.runs ? 'Close the list of runs' : 'Earlier runs'}
        </Link>
      </span>
    </header>
  );
}

export function Runs({ route }: { readonly route: ReportsRoute }) {
  const { before, cursor } = route.runs ?? {};
  const page = useResource(`runs ${before} ${cursor}`, (signal) =>
    readRuns({ before, cursor, size: 24 }, signal),
  );
  const choose = (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement;
    go({ ...route, runs: value ? { before: value } : {} });
  };
  return (
    <section class="panel" aria-labelledby="runs">
      <div class="panel-head">
        <h2 id="runs">Earlier runs</h2>
        <label>
          Up to the end of{' '}
          <input
            type="date"
            value={before ?? ''}
            onChange={choose}
            aria-label="Runs up to this day"
          />
        </label>
      </div>
      <Loaded of={page} what="list of runs">
        {({ runs, next }) => (
          <>
            {runs.length === 0 && <Empty>There is no run that early.</Empty>}
            <ul class="runs">
              {runs.map((run) => (
                <li key={run.at}>
                  <Link
                    to={{ ...HOME, ...route, at: run.at }}
                    current={route.at === run.at ? 'true' : undefined}
                  >
                    <span class="number">{instant(run.at, locale)}</span>
                  </Link>{' '}
                  <span class="soft number">{bytes(run.bytes, locale)}</span>
                </li>
              ))}
            </ul>
            {next && (
              <Link
                to={{ ...route, runs: { ...(before && { before }), cursor: next } }}
                class="button"
              >
                Older runs
              </Link>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
