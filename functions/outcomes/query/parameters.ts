// The query parameters: how each is read and checked. The OpenAPI document is made from these same
// schemas, so what it says is what happens. Names that are not here are ignored. Pure.
import * as z from 'zod';
import { LIMITS } from '../../contracts.ts';
import { readFlag } from './flag.ts';
import { DAY, isDayAlone, parseInstant } from './instant.ts';
import { allowedTerms, ORDERING_TERMS } from './ordering.ts';
import { FORMS, type Form } from './parameter-forms.ts';

/** Any scale, exponent form; the bounds keep a number below what PostgreSQL's numeric holds. */
const DECIMAL = /^[+-]?(\d{1,1000}(\.\d{0,1000})?|\.\d{1,1000})([eE][+-]?\d{1,4})?$/;
const TIME_FORM = 'YYYY-MM-DD[Thh:mm[:ss[.uuuuuu]][Z|+HH:MM|-HH:MM]]';
const TIME_COMPLAINT = `Datetime has wrong format. Use ${TIME_FORM}.`;

const unlessEmpty = (text: unknown) => (text === '' ? undefined : text);

const text = z.preprocess(
  unlessEmpty,
  z
    .string()
    .refine((value) => !value.includes('\0'), 'Null characters are not allowed.')
    .optional(),
);

const flag = z.preprocess(
  (value) => (value === undefined ? value : readFlag(String(value))),
  z.boolean().optional(),
);

const price = z.preprocess(
  (value) => unlessEmpty(typeof value === 'string' ? value.trim() : value),
  z.string().regex(DECIMAL, 'Enter a number.').optional(),
);

/** A date alone means the whole UTC day: its first instant, or its last. */
function time(edge: 'first' | 'last') {
  const read = (value: string) => {
    const instant = parseInstant(value);
    const isWholeDay = edge === 'last' && isDayAlone(value);
    return instant !== undefined && isWholeDay ? instant + DAY - 1n : instant;
  };
  return z
    .preprocess(unlessEmpty, z.string().optional())
    .refine((value) => value === undefined || read(value) !== undefined, TIME_COMPLAINT)
    .transform((value) => (value === undefined ? undefined : read(value)));
}

const described = (form: Form, description: string) => ({ description, form });

export const filterParameters = z.object({
  user_id: text.meta(described(FORMS.text, 'Exactly this user.')),
  site_domain: text.meta(described(FORMS.text, 'Exactly this site.')),
  bid_id: text.meta(described(FORMS.text, 'Exactly this bid request.')),
  currency: text.meta(described(FORMS.text, 'Exactly this currency code.')),
  win_status: flag.meta(
    described(
      FORMS.flag,
      'Won or lost: `true`, `1`, `yes` in any case are true, all else is false.',
    ),
  ),
  enriched: flag.meta(described(FORMS.flag, 'Enriched or not, read as `win_status` is.')),
  min_price: price.meta(described(FORMS.decimal, 'Least `win_price`, inclusive.')),
  max_price: price.meta(described(FORMS.decimal, 'Greatest `win_price`, inclusive.')),
  timestamp_after: time('first').meta(
    described(
      FORMS.time,
      `Earliest \`timestamp\`, inclusive: ${TIME_FORM}; UTC where no zone is given.`,
    ),
  ),
  timestamp_before: time('last').meta(
    described(FORMS.time, 'Latest `timestamp`, inclusive; a date alone includes that whole day.'),
  ),
});
export interface Filters extends z.output<typeof filterParameters> {
  /** Only wins, whatever `win_status` says beside it. */
  readonly isWin?: true;
}

export const deletionParameters = filterParameters.extend({
  confirm_count: z
    .preprocess(
      (value) => (typeof value === 'string' ? wholeNumber(value) : value),
      z
        .int('A valid integer is required.')
        .min(0, 'Ensure this value is greater than or equal to 0.')
        .optional(),
    )
    .meta(described(FORMS.count, 'How many outcomes match, as their user has seen it. Required.')),
});
export type DeletionParameters = z.output<typeof deletionParameters>;

export const figureParameters = filterParameters.extend({
  include_dropped: flag.meta(
    described(
      FORMS.flag,
      'Also what retention has dropped, of which only the daily sums are left. Excludes (409) `user_id`, ' +
        '`bid_id`, `min_price`, `max_price` and times that cut a day: these ask for single rows.',
    ),
  ),
});
export type FigureParameters = z.output<typeof figureParameters>;

const ordering = z
  .preprocess(
    (value) => (typeof value === 'string' ? allowedTerms(value) : value),
    z.array(z.enum(ORDERING_TERMS)).optional(),
  )
  .meta(
    described(
      FORMS.ordering,
      'Sort keys, by comma or repeated, `-` for descending; default `-timestamp`. One of: ' +
        `${ORDERING_TERMS.join(', ')}; others are dropped. Two keys, or filters beside another key than \`timestamp\`, ` +
        `are answered where few rows are to be read (always where the time range holds at most ${LIMITS.rowsTogetherMax}), ` +
        'else 400; `cursor` walks any one key.',
    ),
  );

const pageSize = z
  .preprocess(
    (value) => (typeof value === 'string' && value !== '' ? wholeNumber(value) : undefined),
    z
      .int('A valid integer is required.')
      .min(1, 'Ensure this value is greater than or equal to 1.')
      .max(LIMITS.pageSizeMax, `Ensure this value is less than or equal to ${LIMITS.pageSizeMax}.`)
      .optional(),
  )
  .meta(described(FORMS.pageSize, `Rows a page, ${LIMITS.pageSizeDefault} when not set.`));

/** Trimmed by its readers; a page that is not there is a 404 and not a 400. */
const page = z.string().optional();

export const listParameters = filterParameters.extend({
  ordering,
  page: page.meta(described(FORMS.page, 'A page from 1, or `last`. Excludes (409) `cursor`.')),
  page_size: pageSize,
  include_raw_data: flag.meta(
    described(
      FORMS.flag,
      'In an export, the message of each outcome as it came in as well: `raw_data`. Excludes (409) JSON.',
    ),
  ),
  cursor: z
    .string()
    .optional()
    .meta({
      description:
        'Pages by position instead of number: empty for the first page, then as `next` has it. ' +
        'Excludes (409) `page`.',
    }),
  spreadsheet_safe: flag.meta(
    described(
      FORMS.flag,
      "In CSV, text that a spreadsheet would take for a formula has a `'` before it.",
    ),
  ),
});
export type ListParameters = z.output<typeof listParameters>;

export const reportParameters = z.object({
  at: text.meta(
    described(
      FORMS.stamp,
      'The run, as `YYYYMMDD_HHMMSS` or as its `generated_at`; default the newest.',
    ),
  ),
});

export const healthParameters = z.object({
  deep: flag.meta(
    described(
      FORMS.flag,
      'Also whether the store of the reports answers; waits as long as any request does.',
    ),
  ),
});

/** What every operation takes beside its own. */
export const commonParameters = z.object({ strict: flag });

export const runsParameters = z.object({
  page_size: pageSize,
  cursor: z.string().optional().meta({ description: 'As `next` and `previous` have it.' }),
  generated_before: time('last').meta(
    described(
      FORMS.time,
      `The newest run at or before this time, and what is older: ${TIME_FORM}; a date alone includes that whole day.`,
    ),
  ),
});
export type RunsParameters = z.output<typeof runsParameters>;

const REFUSED_PAGE_MAX = 100;

export const refusedParameters = z.object({
  topic: text.meta(described(FORMS.text, 'Of this topic alone.')),
  page_size: pageSize
    .refine(
      (size) => size === undefined || size <= REFUSED_PAGE_MAX,
      `Ensure this value is less than or equal to ${REFUSED_PAGE_MAX}.`,
    )
    .meta(described(FORMS.smallPageSize, 'Records a page, 20 when not set, at most 100.')),
  cursor: z.string().optional().meta({ description: 'As `next` has it.' }),
});
export type RefusedParameters = z.output<typeof refusedParameters>;

function wholeNumber(value: string): number {
  return /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : Number.NaN;
}
