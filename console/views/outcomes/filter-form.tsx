// The filters, as the API has them: what is typed must match exactly.
import { useRef } from 'preact/hooks';
import { type FilterName, type Filters, hasFilter, withFilter } from '../../lib/filters.ts';
import { ALL_OUTCOMES, type OutcomesRoute } from '../../lib/route.ts';
import { isDay } from '../../lib/utc-day.ts';
import { Link } from '../../parts/link.tsx';
import { go } from '../../state/location.ts';

interface FilterFormProps {
  readonly route: OutcomesRoute;
  readonly errors: Readonly<Record<string, string>>;
  readonly currencies: readonly string[];
}

interface TextFilter {
  readonly name: FilterName;
  readonly label: string;
  readonly mode?: 'decimal';
  readonly list?: string;
}

const TEXTS: readonly TextFilter[] = [
  { name: 'site_domain', label: 'Site' },
  { name: 'currency', label: 'Currency', list: 'currencies' },
  { name: 'user_id', label: 'User id' },
  { name: 'bid_id', label: 'Bid id' },
  { name: 'min_price', label: 'Win price from', mode: 'decimal' },
  { name: 'max_price', label: 'Win price to', mode: 'decimal' },
];

export function FilterForm({ route, errors, currencies }: FilterFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const apply = () => {
    if (!form.current) return;
    let filters: Filters = {};
    for (const [name, value] of new FormData(form.current)) {
      filters = withFilter(filters, name as FilterName, String(value));
    }
    go({ ...route, filters, cursor: '' });
  };
  const { filters } = route;
  return (
    <search aria-label="Filters">
      <form
        class="panel filters"
        ref={form}
        onChange={apply}
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <DayFilter name="timestamp_after" label="From day (UTC)" {...{ filters, errors }} />
        <DayFilter name="timestamp_before" label="To day (UTC)" {...{ filters, errors }} />
        <Pick name="win_status" label="Result" words={['Any', 'Won', 'Lost']} filters={filters} />
        <Pick name="enriched" label="Enriched" words={['Any', 'Yes', 'No']} filters={filters} />
        {TEXTS.map((one) => (
          <TextField key={one.name} {...one} filters={filters} error={errors[one.name]} />
        ))}
        <datalist id="currencies">
          {currencies.map((currency) => (
            <option key={currency} value={currency} />
          ))}
        </datalist>
        <div class="filter-actions">
          <button type="submit">Apply</button>
          {hasFilter(filters) && (
            <Link to={{ ...route, filters: ALL_OUTCOMES.filters, cursor: '' }}>Clear filters</Link>
          )}
        </div>
        <p class="soft hint">Text must match whole and exactly. Days are of UTC, both included.</p>
      </form>
    </search>
  );
}

interface FieldProps {
  readonly name: FilterName;
  readonly label: string;
  readonly filters: Filters;
}

function TextField({
  name,
  label,
  mode,
  list,
  filters,
  error,
}: FieldProps & TextFilter & { readonly error: string | undefined }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        key={filters[name] ?? ''}
        name={name}
        defaultValue={filters[name] ?? ''}
        {...(mode && { inputMode: mode })}
        {...(list && { list })}
        autoComplete="off"
        spellcheck={false}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={error ? `${name}-error` : undefined}
      />
      {error && (
        <span class="field-error" id={`${name}-error`} role="alert">
          {error}
        </span>
      )}
    </label>
  );
}

/** A time that is no whole day came by a link: it stays as it is, as text. */
function DayFilter({ errors, ...field }: FieldProps & Pick<FilterFormProps, 'errors'>) {
  const { name, label, filters } = field;
  const value = filters[name] ?? '';
  if (value && !isDay(value)) return <TextField {...field} error={errors[name]} />;
  return (
    <label class="field">
      <span>{label}</span>
      <input key={value} type="date" name={name} defaultValue={value} />
    </label>
  );
}

function Pick({
  name,
  label,
  words: [any, yes, no],
  filters,
}: FieldProps & { readonly words: readonly [string, string, string] }) {
  const value = filters[name];
  const chosen = value === undefined ? '' : String(/^(true|1|yes)$/i.test(value));
  return (
    <div class="field">
      <label for={`filter-${name}`}>{label}</label>
      <select key={chosen} id={`filter-${name}`} name={name} defaultValue={chosen}>
        <option value="" selected={chosen === ''}>
          {any}
        </option>
        <option value="true" selected={chosen === 'true'}>
          {yes}
        </option>
        <option value="false" selected={chosen === 'false'}>
          {no}
        </option>
      </select>
    </div>
  );
}
