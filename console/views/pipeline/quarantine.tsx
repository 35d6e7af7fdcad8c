// What was refused: why, how often, an example as it came, and the command that sends it again.
import {
  type Quarantine as Figures,
  type QuarantineEntry,
  readQuarantine,
} from '../../api/pipeline.ts';
import { bytes, decimal, instant } from '../../lib/format.ts';
import type { PipelineRoute, QuarantinedRoute } from '../../lib/route.ts';
import { Link } from '../../parts/link.tsx';
import { Empty, Loaded } from '../../parts/notice.tsx';
import { locale } from '../../state/reader.ts';
import { useResource } from '../../state/resource.ts';
import { QuarantinedParts } from './quarantined-parts.tsx';

interface QuarantineProps {
  readonly route: PipelineRoute;
  readonly quarantine: Figures;
}

export function Quarantine({ route, quarantine }: QuarantineProps) {
  const { count, by_reason: reasons, reasons_read: read, example } = quarantine;
  return (
    <section class="panel" aria-labelledby="quarantine">
      <div class="panel-head">
        <h2 id="quarantine">Quarantine</h2>
      </div>
      {count === 0 ? (
        <Empty>No record was refused.</Empty>
      ) : (
        <>
          <h3>Why records were refused</h3>
          <table class="reasons">
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col" class="end">
                  Records
                </th>
                <th scope="col">Newest</th>
              </tr>
            </thead>
            <tbody>
              {reasons.map(({ reason, count: records, newest }) => (
                <tr key={reason}>
                  <th scope="row" class="reason">
                    {reason ?? 'cannot be read'}
                  </th>
                  <td class="end number">{decimal(String(records), locale)}</td>
                  <td>
                    <PlaceLink {...newest} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {read < count && (
            <p class="soft">Of the newest {decimal(String(read), locale)} records.</p>
          )}
          {example && (
            <>
              <h3>
                The newest: <PlaceLink {...example} />
              </h3>
              <QuarantinedParts record={example} />
            </>
          )}
          <RefusedList route={route} />
        </>
      )}
    </section>
  );
}

function RefusedList({ route }: { readonly route: PipelineRoute }) {
  const page = useResource(`quarantine ${route.topic} ${route.cursor}`, (signal) =>
    readQuarantine(route, signal),
  );
  const { topic: _, ...allTopics } = route;
  return (
    <>
      <h3>
        All refused records{route.topic && ` of ${route.topic}`}, newest first{' '}
        {route.topic && <Link to={{ ...allTopics, cursor: '' }}>of all topics</Link>}
      </h3>
      <Loaded of={page} what="list of refused records">
        {({ entries, next }) => (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
            <section class="scroll-box" tabIndex={0} aria-label="Refused records">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Record</th>
                    <th scope="col">Reason</th>
                    <th scope="col">Kept at (UTC)</th>
                    <th scope="col" class="end">
                      Size
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {entries.map((entry) => (
                    <EntryRow
                      key={`${entry.topic} ${entry.partition} ${entry.offset}`}
                      entry={entry}
                    />
                  ))}
                </tbody>
              </table>
            </section>
            {next && (
              <Link to={{ ...route, cursor: next }} class="button">
                Older records
              </Link>
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function EntryRow({ entry }: { readonly entry: QuarantineEntry }) {
  return (
    <tr>
      <th scope="row">
        <PlaceLink {...entry} />
      </th>
      <td class="reason">{entry.reason ?? 'cannot be read'}</td>
      <td class="number">{entry.kept_at ? instant(entry.kept_at, locale) : '–'}</td>
      <td class="end number">{entry.bytes === null ? '–' : bytes(entry.bytes, locale)}</td>
    </tr>
  );
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

function PlaceLink({ topic, partition, offset }: Place) {
  const to: QuarantinedRoute = { view: 'quarantined', topic, partition: String(partition), offset };
  return (
    <Link to={to}>
      {topic}/{partition}/{offset}
    </Link>
  );
}
