// One outcome: its fields, and the message that it came in.
import { type OutcomeDetail, readOutcome } from '../api/outcomes.ts';
import { type Json, printJson } from '../lib/exact-json.ts';
import { decimal, instant } from '../lib/format.ts';
import type { OutcomeRoute } from '../lib/route.ts';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Loaded } from '../parts/notice.tsx';
import { RawText } from '../parts/raw-text.tsx';
import { go } from '../state/location.ts';
import { locale } from '../state/reader.ts';
import { useResource } from '../state/resource.ts';
import { DeleteOne } from './outcomes/deletion.tsx';

export function OutcomeView({ route }: { readonly route: OutcomeRoute }) {
  const { id, from } = route;
  const outcome = useResource(`outcome ${id}`, (signal) => readOutcome(id, signal));
  return (
    <>
      <header class="view-head">
        <h1 tabIndex={-1}>Outcome {id}</h1>
        <span class="actions">
          <Link to={from} class="button">
            <Icon name="back" />
            All that match
          </Link>
        </span>
      </header>
      <Loaded of={outcome} what="outcome">
        {(value) => (
          <>
            <div class="columns detail">
              <Fields outcome={value} />
              <RawText
                title="Raw message"
                text={printJson(value.raw_data)}
                fileName={`outcome-${id}.json`}
              />
            </div>
            <DeleteOne id={id} onDeleted={() => go(from)} />
          </>
        )}
      </Loaded>
    </>
  );
}

function interests(value: Json): string {
  if (!Array.isArray(value)) return printJson(value);
  return value.map((one: Json) => (typeof one === 'string' ? one : printJson(one))).join(', ');
}

function Fields({ outcome }: { readonly outcome: OutcomeDetail }) {
  const price = (text: string) => `${decimal(text, locale)} ${outcome.currency ?? ''}`;
  const time = (text: string | null) => (text === null ? '–' : `${instant(text, locale)} UTC`);
  const rows: readonly (readonly [string, string, (string | undefined)?])[] = [
    ['Bid', outcome.bid_id],
    ['User', outcome.user_id ?? '–'],
    ['Site', outcome.site_domain ?? '–'],
    ['Result', outcome.win_status ? 'Won' : 'Lost'],
    ['Win price', price(outcome.win_price)],
    ['Bid price', price(outcome.bid_price)],
    ['Profit margin', decimal(outcome.profit_margin, locale)],
    ['Enriched', outcome.enriched ? 'yes' : 'no'],
    ['Time', time(outcome.timestamp), outcome.timestamp],
    ['Auction', time(outcome.auction_timestamp), outcome.auction_timestamp ?? undefined],
    ['Recorded', time(outcome.created_at), outcome.created_at],
    ['Interests', interests(outcome.user_interests)],
  ];
  return (
    <section class="panel" aria-labelledby="fields">
      <div class="panel-head">
        <h2 id="fields">Fields</h2>
      </div>
      <dl class="fields">
        {rows.map(([name, text, exact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">
              {text || 'none'}
              {exact && <small>{exact}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
