// One refused record.
import { readQuarantined } from '../api/pipeline.ts';
import { PIPELINE, type QuarantinedRoute } from '../lib/route.ts';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Loaded } from '../parts/notice.tsx';
import { useResource } from '../state/resource.ts';
import { QuarantinedParts } from './pipeline/quarantined-parts.tsx';

export function QuarantinedView({ route }: { readonly route: QuarantinedRoute }) {
  const { topic, partition, offset } = route;
  const place = `${topic}/${partition}/${offset}`;
  const record = useResource(`quarantined ${place}`, (signal) => readQuarantined(route, signal));
  return (
    <>
      <header class="view-head">
        <h1 tabIndex={-1}>Refused record</h1>
        <p>
          <code>{place}</code>
        </p>
        <span class="actions">
          <Link to={PIPELINE} class="button">
            <Icon name="back" />
            Pipeline
          </Link>
        </span>
      </header>
      <Loaded of={record} what="record">
        {(value) => (
          <section class="panel" aria-label="Record">
            <QuarantinedParts record={value} />
          </section>
        )}
      </Loaded>
    </>
  );
}
