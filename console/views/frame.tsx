// What is around every view: where one is, how the pipeline is, light or dark.
import { Component, type ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { readPipeline } from '../api/pipeline.ts';
import { ALL_OUTCOMES, HOME, PIPELINE, type Route } from '../lib/route.ts';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { route } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { session } from '../state/session.ts';
import { THEMES, type Theme, theme } from '../state/theme.ts';
import { OutcomeView } from './outcome.tsx';
import { OutcomesView } from './outcomes.tsx';
import { PipelineView } from './pipeline.tsx';
import { QuarantinedView } from './quarantined.tsx';
import { ReportsView } from './reports.tsx';

const PRODUCT = 'analytics-service';
const STATE_EVERY_MS = 30_000;

export function Frame() {
  const shown = route.value;
  const title = TITLES[shown.view];
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        To the content
      </button>
      <header class="top">
        <span class="product">{PRODUCT}</span>
        <nav aria-label="Views" class="views">
          <ViewLink to={HOME} views={['reports']} shown={shown} words="Reports" />
          <ViewLink
            to={ALL_OUTCOMES}
            views={['outcomes', 'outcome']}
            shown={shown}
            words="Outcomes"
          />
          <ViewLink
            to={PIPELINE}
            views={['pipeline', 'quarantined']}
            shown={shown}
            words="Pipeline"
          />
        </nav>
        <Health isPolled={shown.view !== 'pipeline'} />
        <span class="soft utc">All times are UTC</span>
        <ThemeChoice />
        <Person />
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary key={shown.view}>
          <View route={shown} />
        </Boundary>
      </main>
    </>
  );
}

const TITLES: Readonly<Record<Route['view'], string>> = {
  reports: 'Reports',
  outcomes: 'Outcomes',
  outcome: 'Outcome',
  pipeline: 'Pipeline',
  quarantined: 'Refused record',
  unknown: 'Not found',
};

function View({ route: shown }: { readonly route: Route }) {
  switch (shown.view) {
    case 'reports':
      return <ReportsView route={shown} />;
    case 'outcomes':
      return <OutcomesView route={shown} />;
    case 'outcome':
      return <OutcomeView route={shown} />;
    case 'pipeline':
      return <PipelineView route={shown} />;
    case 'quarantined':
      return <QuarantinedView route={shown} />;
    case 'unknown':
      return (
        <header class="view-head">
          <h1 tabIndex={-1}>There is no such page</h1>
          <p>
            <Link to={HOME}>To the reports</Link>
          </p>
        </header>
      );
  }
}

interface ViewLinkProps {
  readonly to: Route;
  readonly views: readonly Route['view'][];
  readonly shown: Route;
  readonly words: string;
}

function ViewLink({ to, views, shown, words }: ViewLinkProps) {
  const isCurrent = views.includes(shown.view);
  return (
    <Link to={to} current={isCurrent ? 'page' : undefined}>
      {words}
    </Link>
  );
}

/** Seen from every view: whether something is wrong. */
function Health({ isPolled }: { readonly isPolled: boolean }) {
  const every = isPolled ? STATE_EVERY_MS : undefined;
  const { value, failure } = useResource(isPolled ? 'pipeline' : undefined, readPipeline, {
    everyMs: every,
  });
  if (!isPolled || (!value && !failure)) return null;
  const count = value?.problems.length ?? 0;
  const isBad = Boolean(failure) || value?.problems.some(({ level }) => level === 'error');
  const words = failure
    ? 'No answer'
    : count === 0
      ? 'All is well'
      : `${count} ${count === 1 ? 'problem' : 'problems'}`;
  return (
    <Link to={PIPELINE} class={`health ${isBad ? 'bad' : count > 0 ? 'warn' : 'good'}`}>
      <Icon name={isBad ? 'error' : count > 0 ? 'warning' : 'ok'} />
      {words}
    </Link>
  );
}

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="soft">Colours</span>
      <select
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value as Theme;
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {one === 'system' ? 'Auto' : one === 'light' ? 'Light' : 'Dark'}
          </option>
        ))}
      </select>
    </label>
  );
}

function Person() {
  const person = session.value;
  if (!person) return null;
  return (
    <span class="person">
      <span class="soft">{person.name}</span>
      <button type="button" onClick={person.end}>
        Sign out
      </button>
    </span>
  );
}

/** A button, not a link: the address holds the view. */
function skip(): void {
  document.querySelector<HTMLElement>('main')?.focus();
}

interface BoundaryState {
  readonly failure: Error | undefined;
}

/** A fault of one view leaves the others. */
class Boundary extends Component<{ readonly children: ComponentChildren }, BoundaryState> {
  override state: BoundaryState = { failure: undefined };

  static override getDerivedStateFromError(failure: Error): BoundaryState {
    return { failure };
  }

  override render() {
    if (!this.state.failure) return this.props.children;
    return (
      <p class="notice failure" role="alert">
        This view failed: {this.state.failure.message}
      </p>
    );
  }
}
