// For the engineer: is it healthy? What is wrong stands first, in words.
import { type Pipeline, type Problem, readPipeline } from '../api/pipeline.ts';
import { decimal, duration, instant } from '../lib/format.ts';
import type { PipelineRoute } from '../lib/route.ts';
import { FigureCard } from '../parts/figure-card.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded } from '../parts/notice.tsx';
import { locale } from '../state/reader.ts';
import { useResource } from '../state/resource.ts';
import { Quarantine } from './pipeline/quarantine.tsx';
import { Streams } from './pipeline/streams.tsx';

const EVERY_MS = 5_000;

export function PipelineView({ route }: { readonly route: PipelineRoute }) {
  const pipeline = useResource('pipeline', readPipeline, { everyMs: EVERY_MS });
  return (
    <>
      <header class="view-head">
        <h1 tabIndex={-1}>Pipeline</h1>
        {pipeline.value && (
          <p>
            As of <b class="number">{instant(pipeline.value.generated_at, locale)} UTC</b>; asked
            again every 5 seconds
          </p>
        )}
      </header>
      <Loaded of={pipeline} what="state of the pipeline">
        {(value) => (
          <>
            <Problems problems={value.problems} />
            <Glance pipeline={value} />
            <Streams streams={value.streams} at={value.generated_at} />
            <Quarantine route={route} quarantine={value.quarantine} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Problems({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <section class="panel problems" aria-labelledby="problems">
      <h2 id="problems">{problems.length === 0 ? 'All is well' : 'What is wrong now'}</h2>
      {problems.length === 0 ? (
        <p class="problem good">
          <Icon name="ok" />
          <span>Records are taken in, reports are written, nothing waits in the quarantine.</span>
        </p>
      ) : (
        <ul>
          {problems.map(({ level, about, text }) => (
            <li key={`${about} ${text}`} class={`problem ${level === 'error' ? 'bad' : 'warn'}`}>
              <Icon name={level === 'error' ? 'error' : 'warning'} />
              <span>
                <b>{level === 'error' ? 'Error' : 'Warning'}</b>, {about}: {text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Glance({ pipeline }: { readonly pipeline: Pipeline }) {
  const { streams, reports, merge, quarantine, schema, build, host } = pipeline;
  const known = streams.flatMap(({ lag }) => (lag === null ? [] : [BigInt(lag)]));
  const lag = known.reduce((sum, one) => sum + one, 0n).toString();
  const refused = decimal(String(quarantine.count), locale);
  const kept = quarantine.is_complete ? refused : `at least ${refused}`;
  const age = reports?.age_seconds;
  return (
    <section class="cards" aria-label="At a glance">
      <FigureCard
        name="Records behind"
        value={known.length === 0 ? 'not known' : decimal(lag, locale)}
      >
        <p class="under">
          {known.length === 0
            ? 'the host does not tell; see the newest events'
            : `known of ${known.length} of ${streams.length} partitions`}
        </p>
      </FigureCard>
      <FigureCard name="Newest report" value={age == null ? 'none' : duration(age, locale)}>
        <p class="under">
          {reports?.generated_at
            ? `old, of ${instant(reports.generated_at, locale)}`
            : 'no run yet'}
        </p>
      </FigureCard>
      <FigureCard
        name="Refused records"
        value={kept}
        {...(quarantine.count > 0 && { tone: 'bad' })}
      >
        <p class="under">
          {quarantine.count > 0 ? 'in the quarantine, see below' : 'quarantine is empty'}
        </p>
      </FigureCard>
      {merge && (
        <FigureCard
          name="Last merge"
          value={merge.milliseconds === null ? '–' : `${merge.milliseconds} ms`}
        >
          <p class="under">
            {merge.segments ?? 0} segments, {merge.segments_waiting ?? 0} waiting
          </p>
        </FigureCard>
      )}
      {host?.rate != null && (
        <FigureCard name="Rate" value={`${decimal(String(host.rate), locale)} /s`}>
          <p class="under">records, as the host counts</p>
        </FigureCard>
      )}
      <FigureCard name="Version" value={build.version ?? 'not known'}>
        <p class="under">
          schema {schema?.version ?? 'not known'}
          {schema && schema.pending.length > 0 && `, ${schema.pending.length} migrations to come`}
        </p>
      </FigureCard>
    </section>
  );
}
